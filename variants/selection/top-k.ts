import { int } from "../../src/core/parameters.ts";
import { selection } from "../../src/mechanisms/selection/declare.ts";

/**
 * Exact top-k attention: the keys with the largest products with the query, and softmax over those. The ceiling that every
 * cheaper choice is compared with; finding them takes as long as scoring all pairs.
 */
export const topK = selection({
  id: "top-k",
  title: "Top-k",
  summary: "each query attends the keys with the largest products",
  aliases: ["topk"],
  tags: ["selection"],
  source: "Gupta et al. 2021, arXiv 2106.06899",
  params: {
    keys: int(32, {
      least: 1,
      unit: "keys",
      meaning: "keys that a query attends",
      probe: 5,
      fullAt: (n) => n,
    }),
  },
  rule: ({ keys }) => ({ id: "top-k", keys }),
  exponent: () => 2,
});
