import type { Pattern } from "../../core/pattern.ts";
import { everything } from "../../pattern/band.ts";
import { bound } from "../../pattern/bound.ts";
import { interval } from "../../pattern/intervals.ts";

/** The tokens of blocks that have ended at the query or before it. */
export function endedBlocks(size: number): Pattern {
  const seen = (query: number): number => size * Math.floor((query + 1) / size);
  return {
    text: `ended(${size})`,
    perHead: false,
    drawsFromRest: false,
    parts: [],
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
