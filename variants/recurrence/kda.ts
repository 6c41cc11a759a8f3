import { recurrence } from "../../src/mechanisms/recurrence/declare.ts";
import { seed } from "./seed.ts";

/**
 * Kimi delta attention: the gated delta rule with a gate of each channel of k: `S ← (I - β k̂ k̂ᵀ) diag(α) S + β k̂ vᵀ`, with q̂
 * and k̂ of length 1, `β = σ(k·w)`, `ln α = -A softplus(W k + b)`, `out = Sᵀ q̂ / √d`.
 *
 * Departs: the authors make both gates of the hidden state, those of channels through a bottleneck; here they are made of k,
 * with weights drawn as Mamba-2 initialises them, or given as `g` and `beta`. Left out are SiLU on q and k, short
 * convolutions, and the output's norm and gate.
 */
export const kda = recurrence({
  id: "kda",
  title: "Kimi delta attention",
  summary: "the delta rule on a state that forgets by a gate of each channel and token",
  aliases: ["kimi-delta-attention"],
  tags: ["recurrence", "recurrent", "linear"],
  source: "Kimi Team 2025, arXiv 2510.26692",
  params: { seed },
  recurrence: ({ seed: drawn }) => ({
    decay: { form: "softplus", per: "channel", stream: "kda/gate", seed: drawn },
    write: { form: "logistic", per: "token", stream: "kda/beta", seed: drawn },
    erase: "after-decay",
    unit: "both",
  }),
  exponent: () => 1,
});
