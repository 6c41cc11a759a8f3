import type { BoundPattern } from "../../src/core/pattern.ts";

/** The pairs, as `query * length + key`, that layers one after the other connect. */
export function connected(layers: readonly BoundPattern[]): ReadonlySet<number> {
  const { length } = layers[0];
  const pairs = new Set<number>();
  for (let query = 0; query < length; query++) {
    let reached = new Set([query]);
    for (const layer of layers) {
      const next = new Set<number>();
      for (const token of reached) {
        for (let key = 0; key < length; key++) if (layer.attends(token, key)) next.add(key);
      }
      reached = next;
    }
    for (const key of reached) pairs.add(query * length + key);
  }
  return pairs;
}

/** Layers until every token has met every other that is before it, or every other at all; or infinity. */
export function layersToConnect(layer: BoundPattern, causal: boolean): number {
  const { length } = layer;
  const wanted = causal ? (length * (length + 1)) / 2 : length ** 2;
  for (let layers = 1; layers <= length; layers++) {
    if (connected(Array.from({ length: layers }, () => layer)).size === wanted) return layers;
  }
  return Number.POSITIVE_INFINITY;
}
