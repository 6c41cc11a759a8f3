import type { Pattern } from "../../core/pattern.ts";
import { constant } from "../../core/table-one.ts";
import { everything } from "../../pattern/band.ts";
import { bound } from "../../pattern/bound.ts";
import { interval } from "../../pattern/intervals.ts";
import { neverPast } from "../../pattern/path-lengths.ts";

/** The tokens of blocks that have ended at the query or before it. */
export function endedBlocks(size: number): Pattern {
  const seen = (query: number): number => size * Math.floor((query + 1) / size);
  return {
    text: `ended(${size})`,
    perHead: false,
    drawsFromRest: false,
    parts: [],
    // The second row does not see the first before their block ends.
    terms: () => ({ path: size > 2 ? neverPast(1) : constant(1) }),
    bind: ({ length }) =>
      bound({
        length,
        attends: (query, key) => key < seen(query),
        runs: (query) => interval(0, seen(query), length),
        someRuns: (_, to) => interval(0, seen(to - 1), length),
        everyRuns: (from) => interval(0, seen(from), length),
      }),
  };
}

/** Every token, in an order that knows no causality. */
export function neverCausal(text: string): Pattern {
  return { ...everything(), text, neverCausal: true, neverDecoded: true };
}
