import {
  type Area,
  type BoundPattern,
  type Comb,
  type Gathered,
  type Intervals,
  measure,
  rowsOf,
} from "../core/pattern.ts";
import { combKeysOutside, combRange } from "./comb-arithmetic.ts";
import { sameIntervals, unite } from "./intervals.ts";

/** What a primitive must provide; `bound` derives the rest. */
export interface BoundParts {
  readonly length: number;
  /** Rows, if they are not as many as keys. */
  readonly queries?: number;
  attends(query: number, key: number): boolean;
  runs(query: number): Intervals;
  someRuns(from: number, to: number): Intervals;
  everyRuns(from: number, to: number): Intervals;
  readonly combs?: readonly Comb[];
  repeats?(area: Area, by: number): boolean;
  readonly gathered?: Gathered | undefined;
  /** The pair count in closed form, if there is one; otherwise it is counted from the intervals. */
  pairs?(): number;
}

/** Completes a pattern at one length with its complete rows and its pair count. */
export function bound(parts: BoundParts): BoundPattern {
  const combs = parts.combs ?? [];
  const { length, queries, runs } = parts;
  let counted: number | undefined;
  return {
    length,
    ...(queries !== undefined && { queries }),
    combs,
    runs,
    attends: parts.attends,
    someRuns: parts.someRuns,
    everyRuns: parts.everyRuns,
    ...(parts.repeats && { repeats: parts.repeats }),
    ...(parts.gathered && { gathered: parts.gathered }),
    intervals: (query) =>
      combs.length === 0 ? runs(query) : unite(runs(query), combKeys(combs, query, length)),
    pairs() {
      counted ??= parts.pairs?.() ?? countPairs(parts, combs);
      return counted;
    },
  };
}

/** Rows examined together when counting: if they all attend the same runs, one row is counted for all. */
const ROWS_TOGETHER = 64;

function countPairs(parts: BoundParts, combs: readonly Comb[]): number {
  const { length, runs, someRuns, everyRuns } = parts;
  const rows = rowsOf(parts);
  let pairs = 0;
  for (let from = 0; from < rows; from += ROWS_TOGETHER) {
    const to = Math.min(from + ROWS_TOGETHER, rows);
    const some = someRuns(from, to);
    const same = combs.length === 0 && sameIntervals(some, everyRuns(from, to));
    if (same) pairs += (to - from) * measure(some);
    else {
      for (let query = from; query < to; query++) {
        const dense = runs(query);
        pairs += measure(dense) + combKeysOutside(combs, dense, query, length);
      }
    }
  }
  return pairs;
}

/** The keys of row `query` that combs attend, as intervals. */
function combKeys(combs: readonly Comb[], query: number, length: number): Intervals {
  let keys: Intervals = [];
  for (const comb of combs) {
    const { from, to } = combRange(comb, query, length);
    const singles: number[] = [];
    for (let key = from; key < to; key += comb.stride) singles.push(key, key + 1);
    keys = unite(keys, singles);
  }
  return keys;
}
