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
