import type { BoundPattern, Pattern } from "../core/pattern.ts";
import { bound } from "./bound.ts";
import { withRest } from "./gathered.ts";
import { intersect, interval } from "./intervals.ts";
import { takesEdges } from "./with-edges.ts";

/** The pattern without the future: only keys `j <= i`. Draws are made before the restriction. */
export function causal(pattern: Pattern): Pattern {
  return {
    ...pattern,
    text: `causal(${pattern.text})`,
    parts: [],
    // Seen without causality it is a pattern in which the future is never met.
    terms: (isCausal) => (isCausal ? (pattern.terms?.(true) ?? {}) : {}),
    ...takesEdges([pattern], ([given]) => causal(given)),
    bind(context) {
      return past(pattern.bind(context));
    },
  };
}

function past(whole: BoundPattern): BoundPattern {
  const { length } = whole;
  return bound({
    length,
    attends: (query, key) => key <= query && whole.attends(query, key),
    runs: (query) => intersect(whole.runs(query), interval(0, query + 1, length)),
    someRuns: (from, to) => intersect(whole.someRuns(from, to), interval(0, to, length)),
    everyRuns: (from, to) => intersect(whole.everyRuns(from, to), interval(0, from + 1, length)),
    ...(whole.repeats && { repeats: whole.repeats }),
    gathered: withRest(whole.gathered, past),
    combs: whole.combs.map((comb) => ({ ...comb, right: Math.min(comb.right, 0) })),
  });
}
