import { real } from "../../src/core/parameters.ts";
import { softmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { checkedRelu, FORM_DEFAULTS } from "../../src/pairwise/forms.ts";
import { everything } from "../../src/pattern/band.ts";

/**
 * ReLU in the place of softmax: weights `relu(s) / n^alpha`, n being the keys that a row attends; with alpha 0
 * `ReLU(QKᵀ)V`.
 *
 * Departs: the paper divides by N^alpha and is not causal; n is N there, and makes a causal row the same in a
 * longer sequence.
 */
export const reluAttention = softmaxPattern({
  id: "relu-attention",
  title: "ReLU attention",
  summary: "ReLU in place of softmax",
  aliases: ["relu"],
  tags: ["dense", "normaliser"],
  source: "Wortsman et al. 2023, arXiv 2309.08586",
  params: {
    alpha: real(FORM_DEFAULTS.alpha, {
      unit: "exponent",
      meaning: "weights are divided by this power of n",
      probe: 0,
    }),
  },
  pattern: () => everything(),
  normaliser: ({ alpha }) => checkedRelu(alpha),
  exponent: () => 2,
});
