import type { BoundPattern, Comb, Intervals } from "../core/pattern.ts";

/**
 * Rows tested together: if every key that any of them attends has a later query already, none is examined.
 */
const ROWS_TOGETHER = 64;

/**
 * For each key of a causal pattern the last query that attends it, -1 if none does. After that query the key
 * may be forgotten. Rows are walked backwards and each key is met once: O(rows + keys), and no N×N mask.
 */
export function lastQueries(pattern: BoundPattern): Int32Array {
  const { length, combs } = pattern;
  const last = new Int32Array(length).fill(-1);
  lastOfRuns(pattern, last);
  for (const comb of combs) {
    for (let key = 0; key < length; key++) last[key] = Math.max(last[key], lastOfComb(comb, key, length));
  }
  return last;
}

function lastOfRuns(pattern: BoundPattern, last: Int32Array): void {
  const { length } = pattern;
  /** The first key at or after this one that no query so far attends, with shortcuts on the way. */
  const open = Int32Array.from({ length: length + 1 }, (_, key) => key);
  const firstOpen = (from: number): number => {
    let key = from;
    while (open[key] !== key) {
      open[key] = open[open[key]];
      key = open[key];
    }
    return key;
  };
  const anyOpen = (keys: Intervals): boolean => {
    for (let at = 0; at < keys.length; at += 2) if (firstOpen(keys[at]) < keys[at + 1]) return true;
    return false;
  };
  for (let to = length; to > 0; to -= ROWS_TOGETHER) {
    const from = Math.max(0, to - ROWS_TOGETHER);
    if (!anyOpen(pattern.someRuns(from, to))) continue;
    for (let query = to - 1; query >= from; query--) {
      const keys = pattern.runs(query);
      for (let at = 0; at < keys.length; at += 2) {
        for (let key = firstOpen(keys[at]); key < keys[at + 1]; key = firstOpen(key + 1)) {
          last[key] = query;
          open[key] = key + 1;
        }
      }
    }
  }
}

function lastOfComb(comb: Comb, key: number, length: number): number {
  const { stride, left, right, from = 0, to = length } = comb;
  if (!(from <= key && key < to)) return -1;
  const distance = Math.floor(Math.min(left, length - 1 - key) / stride) * stride;
  return distance >= -right ? key + distance : -1;
}
