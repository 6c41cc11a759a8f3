import { aft } from "../../src/mechanisms/aft/declare.ts";

/**
 * AFT without position biases: every channel is a softmax of k over the tokens, weighs v by it, and is gated by
 * `σ(q)`. Causal, it is a scan with 3·d numbers of state: the two sums, and the largest key that they are relative to.
 *
 * Departs: idiap's causal code divides each `e^{k_j} v_j` by the sum over its own prefix, which is another function.
 */
export const aftSimple = aft({
  id: "aft-simple",
  title: "AFT-simple",
  summary: "channels weigh keys by e^k, and q is a gate",
  tags: ["mixing", "linear"],
  source: "Zhai et al. 2021, arXiv 2105.14103",
  params: {},
  biases: () => null,
  exponent: () => 1,
});
