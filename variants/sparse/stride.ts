import { int, optionalInt } from "../../src/core/parameters.ts";
import { softmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { comb } from "../../src/pattern/comb.ts";

/**
 * Strided attention: every `stride`-th key, counted from the query.
 *
 * Departs: what the Sparse Transformer calls "strided" is causal band ∪ comb, which is `sparse-strided`; this is
 * the comb alone. With a `reach` it is `dilated`, whose window is counted in keys.
 */
export const stride = softmaxPattern({
  id: "stride",
  title: "Stride",
  summary: "every n-th key, counted from the query",
  aliases: ["strided"],
  tags: ["core", "sparse"],
  source: "Child et al. 2019, arXiv 1904.10509, section 4.2",
  params: {
    stride: int(64, {
      least: 1,
      unit: "tokens",
      meaning: "distance between attended keys",
      probe: 4,
      fullAt: () => 1,
    }),
    reach: optionalInt({ unit: "tokens", meaning: "greatest distance attended" }),
  },
  pattern: ({ stride, reach }) => comb(stride, reach ?? Number.POSITIVE_INFINITY),
  exponent: ({ reach }) => (reach === null ? 2 : 1),
});
