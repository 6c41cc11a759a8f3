import type { Pattern } from "../core/pattern.ts";
import type { Quantity } from "../core/table-one.ts";
import { bound } from "./bound.ts";
import { checkCount } from "./check-count.ts";
import { blockBandPairs } from "./closed-forms.ts";
import { interval } from "./intervals.ts";
import { layersOver, neverPast } from "./path-lengths.ts";

/** A band of whole blocks, `window` blocks wide: `|floor(i/block) - floor(j/block)| <= floor(window/2)`. */
export function blockBand(block: number, window: number): Pattern {
  checkCount("blockBand", "block", block, 1, Number.MAX_SAFE_INTEGER);
  checkCount("blockBand", "window", window, 1);
  const half = Math.floor(window / 2);
  const blockOf = (token: number): number => Math.floor(token / block);
  return {
    text: `blockBand(${block}, ${window})`,
    perHead: false,
    drawsFromRest: false,
    parts: [],
    role: "local",
    terms: () => ({
      keys:
        half === 0
          ? { text: "b", letters: { b: block } }
          : { text: "w·b", letters: { w: 2 * half + 1, b: block } },
      path: blockPath(block, half),
    }),
    bind({ length }) {
      /** From the block `half` before that of `last` to the block `half` after that of `first`. */
      const between = (first: number, last: number) =>
        interval((blockOf(last) - half) * block, (blockOf(first) + half + 1) * block, length);
      return bound({
        length,
        attends: (query, key) => Math.abs(blockOf(query) - blockOf(key)) <= half,
        runs: (query) => between(query, query),
        someRuns: (from, to) => between(to - 1, from),
        everyRuns: (from, to) => between(from, to - 1),
        repeats: (_area, by) => by % block === 0,
        pairs: () => blockBandPairs(length, block, half),
      });
    },
  };
}

/** From the last block to the first, `half` of them in a layer. */
function blockPath(block: number, half: number): Quantity {
  if (half === 0) return neverPast(block);
  return {
    text: half === 1 ? "⌈N/b⌉ − 1" : "⌈(⌈N/b⌉ − 1)/h⌉",
    letters: { b: block, ...(half > 1 && { h: half }) },
    at: ({ length }) => Math.max(1, layersOver(Math.ceil(length / block) - 1, half)),
  };
}
