import type { Pattern } from "../core/pattern.ts";
import { bound } from "./bound.ts";
import { checkCount } from "./check-count.ts";
import { crossPairs } from "./closed-forms.ts";
import { interval } from "./intervals.ts";
import { neverPast, twoPast } from "./path-lengths.ts";

/** The first `tokens` tokens attend to all and are attended by all: `j < tokens` or `i < tokens`. */
export function globalTokens(tokens: number): Pattern {
  checkCount("globalTokens", "tokens", tokens, 1);
  return {
    text: `globalTokens(${tokens})`,
    perHead: false,
    drawsFromRest: false,
    parts: [],
    role: "global",
    terms: (isCausal) => ({
      keys: { text: isCausal ? "g" : "2g", letters: { g: tokens } },
      // One token more than those that are seen by all has nobody else to meet.
      path: isCausal ? neverPast(tokens + 1) : twoPast(tokens + 1),
      hub: !isCausal,
    }),
    bind: ({ length }) =>
      bound({
        length,
        attends: (query, key) => key < tokens || query < tokens,
        runs: (query) => interval(0, query < tokens ? length : tokens, length),
        someRuns: (from) => interval(0, from < tokens ? length : tokens, length),
        everyRuns: (_from, to) => interval(0, to <= tokens ? length : tokens, length),
        // Past the global tokens there is nothing, on either side of the diagonal.
        repeats: ({ rowFrom, keyFrom }, by) => Math.min(rowFrom, keyFrom) + Math.min(by, 0) >= tokens,
        pairs: () => crossPairs(length, Math.min(tokens, length)),
      }),
  };
}
