import type { Gathered, Intervals, Pattern } from "../core/pattern.ts";
import { constant } from "../core/table-one.ts";
import { bound } from "./bound.ts";
import { checkCount } from "./check-count.ts";
import { columnKeys } from "./closed-forms.ts";
import { interval } from "./intervals.ts";
import { neverPast } from "./path-lengths.ts";

/** Columns of so many tokens are as good where they lie. */
const LONG = 64;

/** The last `count` tokens of every block are attended by all: `j mod block >= block - count`. */
export function columns(block: number, count: number): Pattern {
  checkCount("columns", "block", block, 1, Number.MAX_SAFE_INTEGER);
  checkCount("columns", "count", count, 1);
  const text = `columns(${block}, ${count})`;
  const first = Math.max(0, block - count);
  return {
    text,
    perHead: false,
    drawsFromRest: false,
    parts: [],
    role: "global",
    terms: () => ({
      keys: first === 0 ? { text: "N" } : { text: "c·N/b", letters: { c: count, b: block } },
      // The first token is in no column.
      path: first === 0 ? constant(1) : neverPast(1),
    }),
    bind({ length }) {
      const keys: number[] = [];
      if (first === 0) keys.push(...interval(0, length, length));
      else for (let at = first; at < length; at += block) keys.push(at, Math.min(at + count, length));
      return bound({
        length,
        attends: (_query, key) => key % block >= first,
        runs: () => keys,
        someRuns: () => keys,
        everyRuns: () => keys,
        repeats: (_area, by) => by % block === 0,
        ...(first > 0 && count < LONG && { gathered: gatheredColumns(length, keys) }),
        pairs: () => length * columnKeys(length, block, count),
      });
    },
  };
}

/** One class: every row attends the same keys, which lie side by side in it. */
function gatheredColumns(length: number, ranges: Intervals): Gathered {
  return {
    rest: null,
    orders: [
      {
        classes() {
          const keys: number[] = [];
          for (let at = 0; at < ranges.length; at += 2) {
            for (let key = ranges[at]; key < ranges[at + 1]; key++) keys.push(key);
          }
          return [{ queries: Int32Array.from({ length }, (_, row) => row), keys }];
        },
      },
    ],
  };
}
