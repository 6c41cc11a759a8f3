import { int } from "../../src/core/parameters.ts";
import { selection } from "../../src/mechanisms/selection/declare.ts";

/**
 * Mixture of block attention: a query attends its own block, up to itself if causal, and the blocks whose mean key has the
 * largest product with it.
 *
 * Departs: without causality, which the paper does not have, a query chooses among all other blocks.
 */
export const moba = selection({
  id: "moba",
  title: "MoBA",
  summary: "each query attends its own block and the best others by their mean key",
  tags: ["selection"],
  source: "Lu et al. 2025, arXiv 2502.13189",
  params: {
    block: int(512, { least: 1, unit: "tokens", meaning: "tokens of a block", probe: 8, fullAt: (n) => n }),
    chosen: int(3, {
      least: 1,
      unit: "blocks",
      meaning: "blocks that a query attends, its own among them",
      probe: 3,
      fullAt: (n) => n,
    }),
  },
  rule: ({ block, chosen }) => ({ id: "moba", block, chosen }),
  // Every query is compared with every block.
  exponent: () => 2,
});
