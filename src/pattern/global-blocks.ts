import { type Intervals, measure, type Pattern } from "../core/pattern.ts";
import { bound } from "./bound.ts";
import { checkCount } from "./check-count.ts";
import { crossPairs } from "./closed-forms.ts";
import { contains, interval, unite } from "./intervals.ts";

/** Pairs whose query or key lies in the first `count` or the last `count` blocks. */
export function globalBlocks(block: number, count: number): Pattern {
  checkCount("globalBlocks", "block", block, 1, Number.MAX_SAFE_INTEGER);
  checkCount("globalBlocks", "count", count, 1);
  return {
    text: `globalBlocks(${block}, ${count})`,
    perHead: false,
    drawsFromRest: false,
    parts: [],
    role: "global",
    terms: (isCausal) => ({
      keys: { text: isCausal ? "2g·b" : "4g·b", letters: { g: count, b: block } },
      path: {
        text: isCausal ? "∞" : "2",
        at: ({ length }) => {
          const others = (Math.ceil(length / block) - 2 * count) * block;
          return others <= 1 ? 1 : isCausal ? Number.POSITIVE_INFINITY : 2;
        },
      },
      hub: !isCausal,
    }),
    bind({ length }) {
      const blocks = Math.ceil(length / block);
      const all: Intervals = [0, length];
      const marked = unite(
        interval(0, count * block, length),
        interval((blocks - count) * block, length, length),
      );
      const isMarked = (token: number): boolean => {
        const index = Math.floor(token / block);
        return index < count || index >= blocks - count;
      };
      return bound({
        length,
        attends: (query, key) => isMarked(query) || isMarked(key),
        runs: (query) => (contains(marked, query) ? all : marked),
        someRuns: (from, to) => (marked[1] > from || marked[marked.length - 2] < to ? all : marked),
        everyRuns: (from, to) => (rowsWithin(marked, from, to) ? all : marked),
        pairs: () => crossPairs(length, measure(marked)),
      });
    },
  };
}

/** Whether all of `[from, to)` lies in one of the ranges. */
function rowsWithin(ranges: Intervals, from: number, to: number): boolean {
  for (let at = 0; at < ranges.length; at += 2) {
    if (ranges[at] <= from && to <= ranges[at + 1]) return true;
  }
  return false;
}
