import { recurrence } from "../../src/mechanisms/recurrence/declare.ts";
import { seed } from "./seed.ts";

/**
 * The gated delta rule: the state decays by a gate of each token, then what it holds of the key is corrected: `S ← (I - β k̂
 * k̂ᵀ) α S + β k̂ vᵀ`, with q̂ and k̂ of length 1, `β = σ(k·w)`, `ln α = -A softplus(k·w' + b)`, `out = Sᵀ q̂ / √d`.
 *
 * Departs: models make both gates of the hidden state; here they are made of k, with weights drawn as Mamba-2 initialises
 * them, or given as `g` and `beta`. Left out are SiLU on q and k, short convolutions, doubling β, and the output's gate.
 */
export const gatedDelta = recurrence({
  id: "gated-delta",
  title: "Gated DeltaNet",
  summary: "the delta rule on a state that forgets by a gate of each token",
  aliases: ["gated-deltanet"],
  tags: ["recurrence", "recurrent", "linear"],
  source: "Yang et al. 2024, arXiv 2412.06464",
  params: { seed },
  recurrence: ({ seed: drawn }) => ({
    decay: { form: "softplus", per: "token", stream: "gated-delta/gate", seed: drawn },
    write: { form: "logistic", per: "token", stream: "gated-delta/beta", seed: drawn },
    erase: "after-decay",
    unit: "both",
  }),
  exponent: () => 1,
});
