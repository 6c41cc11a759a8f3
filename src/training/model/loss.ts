import type { Tensor } from "../arrays/tensor.ts";

/** Cross entropy in nats: `-Σ shares ln softmax(scores)`, of rows `[answers, labels]`. */
export function crossEntropy(scores: Tensor, shares: Tensor): Tensor {
  const centred = scores.sub(scores.max(-1).stopped());
  const logs = centred.sub(centred.exp().sum(-1).log());
  return logs.mul(shares).total().mul(-1);
}
