import { int } from "../../src/core/parameters.ts";
import { synthesizer } from "../../src/mechanisms/synthesizer/declare.ts";

/**
 * Random Synthesizer: `softmax(R) V`, R being learned, or drawn here from N(0, 1), whatever q and k are. With a rank above 0
 * it is the factorised one, `R = A Bᵀ`, whose entries have variance r^-½, so that R has variance 1. Both take a
 * softmax over N × N numbers and are quadratic; the factors take the place of N² parameters a head.
 *
 * Departs: nothing; a causal row takes its softmax over the logits of the keys up to its own.
 */
export const synthesizerRandom = synthesizer({
  id: "synthesizer-random",
  title: "Synthesizer, random",
  summary: "softmax over learned numbers, or over a product of two learned tables",
  tags: ["mixing", "lra"],
  arena: "Synthesizer",
  source: "Tay et al. 2020, arXiv 2005.00743",
  params: {
    rank: int(0, { unit: "columns", meaning: "of the two tables; 0 for all N × N numbers", probe: 3 }),
    seed: int(0, { unit: "seed", meaning: "which numbers are drawn" }),
  },
  logits: ({ rank }) => (rank === 0 ? { kind: "table" } : { kind: "factors", rank }),
  seed: ({ seed }) => seed,
  exponent: () => 2,
});
