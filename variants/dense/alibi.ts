import { softmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { alibi as alibiBias } from "../../src/pairwise/alibi.ts";
import { everything } from "../../src/pattern/band.ts";

/**
 * ALiBi: full attention whose scores lose a head's slope times the distance of query and key.
 *
 * Departs: the paper is causal only; bidirectional takes |i - j|.
 */
export const alibi = softmaxPattern({
  id: "alibi",
  title: "ALiBi",
  summary: "scores fall with the distance of query and key",
  tags: ["dense", "bias"],
  source: "Press, Smith, Lewis 2021, arXiv 2108.12409",
  params: {},
  pattern: () => everything(),
  bias: () => alibiBias(),
  exponent: () => 2,
});
