import { recurrence } from "../../src/mechanisms/recurrence/declare.ts";
import { seed } from "./seed.ts";

/**
 * Gated linear attention: every channel of k forgets by a gate of its own, `S ← diag(α) S + k vᵀ`, `ln α = ln σ(W k) / 16`,
 * `out = Sᵀ q / √d`.
 *
 * Departs: the authors make the gates of the hidden state, through a bottleneck of 16 and with a bias; here they are made of
 * k, with W drawn from N(0, 1/d), or given as `g`. The norm and the gate of the output are a layer's, outside.
 */
export const gla = recurrence({
  id: "gla",
  title: "GLA",
  summary: "linear attention that forgets by a gate of each channel and token",
  aliases: ["gated-linear-attention"],
  tags: ["recurrence", "recurrent", "linear"],
  source: "Yang et al. 2023, arXiv 2312.06635",
  params: { seed },
  recurrence: (values) => ({
    decay: { form: "logistic", per: "channel", stream: "gla/w", seed: values.seed },
  }),
  exponent: () => 1,
});
