import type { Pattern } from "../core/pattern.ts";
import type { KeyCount } from "../core/table-one.ts";
import { band } from "./band.ts";
import { bound } from "./bound.ts";
import { checkCount } from "./check-count.ts";
import { combPairs } from "./closed-forms.ts";
import { combAttends } from "./comb-arithmetic.ts";
import { neverPast } from "./path-lengths.ts";

/** Every `stride`-th key counted from the query: `(i - j) mod stride = 0` and `|i - j| <= reach`. */
export function comb(stride: number, reach = Number.POSITIVE_INFINITY): Pattern {
  checkCount("comb", "stride", stride, 1, Number.MAX_SAFE_INTEGER);
  checkCount("comb", "reach", reach, 0);
  const text = reach === Number.POSITIVE_INFINITY ? `comb(${stride})` : `comb(${stride}, ${reach})`;
  if (stride === 1) return { ...band(reach, reach), text };
  const teeth = { stride, left: reach, right: reach };
  return {
    text,
    perHead: false,
    drawsFromRest: false,
    parts: [],
    role: "stride",
    terms: (isCausal) => ({ keys: combKeys(stride, reach, isCausal), path: neverPast(1) }),
    bind: ({ length }) =>
      bound({
        length,
        attends: (query, key) => combAttends(teeth, query, key),
        runs: () => [],
        someRuns: () => [],
        everyRuns: () => [],
        combs: [teeth],
        repeats: () => true,
        pairs: () => combPairs(length, stride, reach),
      }),
  };
}

function combKeys(stride: number, reach: number, isCausal: boolean): KeyCount {
  if (reach === Number.POSITIVE_INFINITY) return { text: "N/s", letters: { s: stride } };
  return { text: isCausal ? "w + 1" : "2w + 1", letters: { w: Math.floor(reach / stride) } };
}
