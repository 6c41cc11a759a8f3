import { recurrence } from "../../src/mechanisms/recurrence/declare.ts";
import { seed } from "./seed.ts";

/**
 * Goose, RWKV-7: a delta rule with a rate η of each channel, which reads the state before it decays: `S ← diag(w) S - (η ⊙ κ̂)
 * (Sᵀ κ̂)ᵀ + (η ⊙ k) vᵀ`, `out = Sᵀ q`, with κ̂ = k at length 1, `ln w = -e^(-1/2) σ(W k)` and `η = σ(W' k)`.
 *
 * Departs: the authors learn what k is multiplied by in the erasure and in the writing, here 1; decays and rates are made of
 * k, with weights drawn from N(0, 1/d), the decays or given as `g`. The token shift, the norm, the bonus and the output's gate
 * are a layer's, outside.
 */
export const rwkv7 = recurrence({
  id: "rwkv7",
  title: "RWKV-7",
  summary: "a delta rule whose rates and decays belong to each channel and token",
  aliases: ["goose"],
  tags: ["recurrence", "recurrent", "linear"],
  source: "Peng et al. 2025, arXiv 2503.14456",
  params: { seed },
  recurrence: ({ seed: drawn }) => ({
    decay: { form: "rwkv7", per: "channel", stream: "rwkv7/w", seed: drawn },
    write: { form: "logistic", per: "channel", stream: "rwkv7/eta", seed: drawn },
    erase: "before-decay",
    unit: "erasure",
    scale: 1,
  }),
  exponent: () => 1,
});
