import { softmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { everything } from "../../src/pattern/band.ts";

/**
 * Full scaled dot-product attention: every query attends to every key. Vaswani et al. 2017, arXiv 1706.03762,
 * eq. 1.
 */
export const full = softmaxPattern({
  id: "full",
  title: "Full",
  summary: "softmax over all pairs, which the others are compared with",
  aliases: ["dense", "sdpa"],
  tags: ["core", "dense", "lra"],
  arena: "Transformer",
  source: "Vaswani et al. 2017, arXiv 1706.03762",
  params: {},
  pattern: () => everything(),
  exponent: () => 2,
});
