import { aft } from "../../src/mechanisms/aft/declare.ts";
import { aftParameters } from "./aft-parameters.ts";

/**
 * Attention-free transformer with position biases: each channel weighs the keys by `e^{k_j + w_ij}`, and the query is a gate,
 * `σ(q_i)`. w is a product of two tables of `rank` columns, N(0, 0.01²).
 *
 * Departs: idiap's aft_attention takes softmax(k · w), a product, whose causal mask gives NaN. The paper's own window is `aft-local`.
 */
export const aftFull = aft({
  id: "aft-full",
  title: "AFT-full",
  summary: "channels weigh keys by e^(k + a bias of positions), and q is a gate",
  aliases: ["aft"],
  tags: ["mixing"],
  source: "Zhai et al. 2021, arXiv 2105.14103",
  params: aftParameters(0),
  biases: (values) => values,
  exponent: ({ window }) => (window === 0 ? 2 : 1),
});
