import { int } from "../../src/core/parameters.ts";
import type { Pattern } from "../../src/core/pattern.ts";
import { softmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { band } from "../../src/pattern/band.ts";
import { comb } from "../../src/pattern/comb.ts";
import { globalTokens } from "../../src/pattern/global-tokens.ts";
import { windowAndStride } from "../../src/pattern/path-lengths.ts";
import { union } from "../../src/pattern/union.ts";

/**
 * Longformer: local ∪ stride ∪ global; a part set to 0 is omitted.
 *
 * Departs: the paper has local ∪ global (that is `stride=0`) and dilates whole heads; the union with a stride
 * is how the pattern is usually taught.
 */
export const longformer = softmaxPattern({
  id: "longformer",
  title: "Longformer",
  summary: "a window, a stride and global tokens",
  tags: ["core", "sparse", "lra"],
  arena: "Longformer",
  source: "Beltagy, Peters, Cohan 2020, arXiv 2004.05150, section 3.1",
  params: {
    window: int(128, {
      unit: "keys on each side",
      meaning: "reach of the local part",
      probe: 5,
      fullAt: (n) => n,
    }),
    stride: int(64, { unit: "tokens", meaning: "stride of the strided part", probe: 7, fullAt: () => 1 }),
    tokens: int(16, { unit: "tokens", meaning: "global tokens at the start", probe: 2, fullAt: (n) => n }),
  },
  // Without global tokens that are read by all and read all, by the stride and then by the window.
  table: ({ window, stride, tokens }, causal) =>
    stride < 2 || (tokens > 0 && !causal) ? {} : { path: [windowAndStride(window, stride, causal, tokens)] },
  pattern({ window, stride, tokens }) {
    const parts: Pattern[] = [];
    if (window > 0) parts.push(band(window, window));
    if (stride > 0) parts.push(comb(stride));
    if (tokens > 0) parts.push(globalTokens(tokens));
    return union(...parts);
  },
  exponent: ({ stride }) => (stride > 0 ? 2 : 1),
});
