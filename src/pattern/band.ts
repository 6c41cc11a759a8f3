import type { Pattern } from "../core/pattern.ts";
import { bound } from "./bound.ts";
import { checkCount } from "./check-count.ts";
import { bandPairs } from "./closed-forms.ts";
import { interval } from "./intervals.ts";

/** Keys from `left` before to `right` after the query: `i - left <= j <= i + right`. */
export function band(left: number, right: number): Pattern {
  checkCount("band", "left", left, 0);
  checkCount("band", "right", right, 0);
  return {
    text: left === Number.POSITIVE_INFINITY && right === left ? "everything" : `band(${left}, ${right})`,
    perHead: false,
    drawsFromRest: false,
    parts: [],
    role: "local",
    bind: ({ length }) =>
      bound({
        length,
        attends: (query, key) => query - left <= key && key <= query + right,
        runs: (query) => interval(query - left, query + right + 1, length),
        someRuns: (from, to) => interval(from - left, to + right, length),
        everyRuns: (from, to) => interval(to - 1 - left, from + right + 1, length),
        repeats: () => true,
        pairs: () => bandPairs(length, left, right),
      }),
  };
}

/** Every query attends to every key. */
export function everything(): Pattern {
  return { ...band(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY), role: "full" };
}
