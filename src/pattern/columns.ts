import type { Pattern } from "../core/pattern.ts";
import { bound } from "./bound.ts";
import { checkCount } from "./check-count.ts";
import { columnKeys } from "./closed-forms.ts";
import { interval } from "./intervals.ts";

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
        pairs: () => length * columnKeys(length, block, count),
      });
    },
  };
}
