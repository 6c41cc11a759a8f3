import type { Pattern } from "../core/pattern.ts";
import type { KeyCount, PatternTerms } from "../core/table-one.ts";
import { bound } from "./bound.ts";
import { checkCount } from "./check-count.ts";
import { bandPairs } from "./closed-forms.ts";
import { interval } from "./intervals.ts";
import { layersOver, pathOver } from "./path-lengths.ts";

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
    terms: (isCausal) => bandTerms(left, isCausal ? 0 : right, isCausal ? left : Math.min(left, right)),
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

/** Whichever way is slower decides, of `left` and `right` the shorter. */
function bandTerms(left: number, right: number, reach: number): PatternTerms {
  const letter = left === right ? "w" : reach === left ? "l" : "r";
  return {
    keys: bandKeys(left, right),
    path: pathOver("N − 1", letter, reach, ({ length }) => layersOver(length - 1, reach)),
  };
}

function bandKeys(left: number, right: number): KeyCount {
  if (Math.max(left, right) === Number.POSITIVE_INFINITY) return { text: "N" };
  if (left === right) return { text: "2w + 1", letters: { w: left } };
  return right === 0
    ? { text: "l + 1", letters: { l: left } }
    : { text: "l + r + 1", letters: { l: left, r: right } };
}
