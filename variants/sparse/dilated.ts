import { int } from "../../src/core/parameters.ts";
import { softmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { comb } from "../../src/pattern/comb.ts";

/**
 * Dilated sliding window: `window` keys on each side, `dilation` apart, so that the window reaches `window ·
 * dilation` tokens. Tokens of different residues never meet, in however many layers.
 *
 * Departs: the paper mixes dilations over the heads of a layer; here all heads have the same.
 *
 * Elsewhere: in attention-gym the window is a distance, not a number of keys.
 */
export const dilated = softmaxPattern({
  id: "dilated",
  title: "Dilated window",
  summary: "a window in which only every n-th key is attended",
  tags: ["sparse"],
  source: "Beltagy, Peters, Cohan 2020, arXiv 2004.05150, section 3.1",
  params: {
    window: int(128, { unit: "keys on each side", meaning: "keys of the window", probe: 5 }),
    dilation: int(2, { least: 1, unit: "tokens", meaning: "distance between keys", probe: 3 }),
  },
  pattern: ({ window, dilation }) => comb(dilation, window * dilation),
  exponent: () => 1,
});
