import type { Pattern } from "../core/pattern.ts";
import { bound } from "./bound.ts";
import { checkCount } from "./check-count.ts";
import { interval } from "./intervals.ts";
import { neverPast } from "./path-lengths.ts";

/** The first `tokens` tokens are attended by all, and attend no more than others: `j < tokens`. */
export function firstTokens(tokens: number): Pattern {
  checkCount("firstTokens", "tokens", tokens, 1);
  return {
    text: `firstTokens(${tokens})`,
    perHead: false,
    drawsFromRest: false,
    parts: [],
    role: "global",
    terms: (isCausal) => ({
      keys: { text: "g", letters: { g: tokens } },
      path: neverPast(isCausal ? tokens + 1 : tokens),
    }),
    bind({ length }) {
      const keys = interval(0, tokens, length);
      return bound({
        length,
        attends: (_query, key) => key < tokens,
        runs: () => keys,
        someRuns: () => keys,
        everyRuns: () => keys,
        // Past the first tokens there is nothing.
        repeats: ({ keyFrom }, by) => keyFrom + Math.min(by, 0) >= tokens,
        pairs: () => length * Math.min(tokens, length),
      });
    },
  };
}
