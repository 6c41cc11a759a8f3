import type { BoundPattern } from "../../core/pattern.ts";
import type { KeyCount, Quantity, TableRow } from "../../core/table-one.ts";
import { AT_ONCE, boundAt } from "../table-row.ts";
import type { SoftmaxPattern } from "./declare.ts";

/**
 * Each pair takes d operations, and all pairs may be done at once. The formula is what the parts of the pattern say, its
 * value the exact number of pairs, the mean over heads, times d.
 */
export function table({ pattern }: SoftmaxPattern, causal: boolean): TableRow {
  const { keys, path } = pattern.terms?.(causal) ?? {};
  return {
    perLayer: {
      ...(keys === undefined ? { text: "Pd", letters: { P: "attended pairs" } } : perLayer(keys)),
      at(size) {
        const pairs = meanPairs(boundAt(pattern, causal, size));
        return pairs === null ? null : pairs * size.headDim;
      },
    },
    sequential: AT_ONCE,
    ...(path && { path: [path] }),
    layers: [pattern],
  };
}

/** N times the keys of a row times d, as one writes it. */
function perLayer({ text, letters }: KeyCount): Quantity {
  return { text: `${timesLength(text)}`, ...(letters && { letters }) };
}

function timesLength(keys: string): string {
  if (keys === "N") return "N²d";
  if (keys === "|E|/N") return "|E|d";
  if (/^N\/\p{L}$/u.test(keys)) return `N²d${keys.slice(1)}`;
  if (/^\p{L}²?$/u.test(keys)) return `N${keys}d`;
  return keys.includes(" ") ? `N(${keys})d` : `N·${keys}·d`;
}

/** Pairs of a head on average; null if there is no formula for them and counting row by row takes long. */
function meanPairs(heads: readonly BoundPattern[]): number | null {
  const [{ length, runs }] = heads;
  if (length * (runs(length - 1).length / 2) > MOST_RANGES) return null;
  const pairs = new Map([...new Set(heads)].map((head) => [head, head.pairs()]));
  return heads.reduce((sum, head) => sum + (pairs.get(head) ?? 0), 0) / heads.length;
}

/** Ranges of all rows together that are counted in a second or so. */
const MOST_RANGES = 2 ** 23;
