import type { Tensor } from "../arrays/tensor.ts";

/** Added to the score of a pair that is not attended: its weight is then 0 in float32, and its gradient. */
export const NOT_ATTENDED = -1e9;

/** `Σ_j exp(s_ij) v_j / Σ_j exp(s_ij)`, whose largest score is taken away first, since exponentials overflow. */
export function softmaxSums(scores: Tensor, values: Tensor): Tensor {
  const weights = scores.sub(scores.max(-1).stopped()).exp();
  return weights.matmul(values).div(weights.sum(-1));
}

/** `Σ_j w_ij v_j / (Σ_j w_ij + epsilon)`. */
export function weightedMean(weights: Tensor, values: Tensor, epsilon: number): Tensor {
  return weights.matmul(values).div(weights.sum(-1).add(epsilon));
}
