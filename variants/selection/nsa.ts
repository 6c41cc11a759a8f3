import { int } from "../../src/core/parameters.ts";
import { NSA_FORCED, selection } from "../../src/mechanisms/selection/declare.ts";

/**
 * Native sparse attention: three softmaxes, over the means of blocks that have ended, over the keys of some blocks (the
 * first, the query's own and the one before, and those to whose means the first softmax gives most weight), and over the
 * last keys; summed with gates `σ(q·w)`.
 *
 * Departs as the implementation of flash-linear-attention does: a block is summarised by its means, where the paper learns a
 * network, and blocks of one size do not overlap, where the paper summarises 32 tokens by strides of 16 and chooses blocks
 * of 64. The weights of the gates are the inputs `nsa.compress`, `nsa.select` and `nsa.window`, `[heads, 1, headDim]` each,
 * drawn from N(0, 1/headDim) if none are given. Heads of q that share k and v are not taken: the paper chooses blocks for them
 * together.
 */
export const nsa = selection({
  id: "nsa",
  title: "NSA",
  summary: "gates sum softmaxes over means of blocks, the best blocks and a window",
  tags: ["selection"],
  source: "Yuan et al. 2025, arXiv 2502.11089",
  params: {
    block: int(64, { least: 1, unit: "tokens", meaning: "tokens of a block", probe: 4 }),
    chosen: int(16, {
      least: NSA_FORCED,
      unit: "blocks",
      meaning: "blocks that a query attends, the first, its own and the one before among them",
      probe: 4,
    }),
    window: int(512, { least: 1, unit: "tokens", meaning: "last keys that a query attends", probe: 6 }),
    seed: int(0, { unit: "seed", meaning: "which weights of the gates are drawn" }),
  },
  rule: ({ block, chosen, window, seed }) => ({ id: "nsa", block, chosen, window, seed }),
  // Every query is compared with every block.
  exponent: () => 2,
});
