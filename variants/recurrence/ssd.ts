import { real } from "../../src/core/parameters.ts";
import { recurrence } from "../../src/mechanisms/recurrence/declare.ts";
import { seed } from "./seed.ts";

/**
 * State space duality of Mamba-2, with C = q, B = k and x = v: a token's step `Δ = softplus(k·w + b)` decides both how much
 * is forgotten and how much is written, `S ← e^(-AΔ) S + k (Δ v)ᵀ`, `out = Sᵀ q + skip·v`.
 *
 * Departs: heads have B and C of their own, which Mamba-2 shares among them; w, A and b are drawn as it initialises them, and
 * Δ is made of k or given as `dt`. Convolution, gate and norm are a layer's, outside, and `skip` is 0 unless it is set.
 */
export const ssd = recurrence({
  id: "ssd",
  title: "SSD",
  summary: "the state space of Mamba-2: one step a token forgets and writes",
  aliases: ["mamba2"],
  tags: ["recurrence", "recurrent", "linear"],
  source: "Dao and Gu 2024, arXiv 2405.21060",
  params: {
    skip: real(0, { unit: "factor", meaning: "how much of v goes past the state to the output", probe: 0.5 }),
    seed,
  },
  recurrence: ({ skip, seed: drawn }) => ({
    decay: { form: "softplus", per: "token", stream: "ssd/gate", seed: drawn },
    write: { form: "step" },
    scale: 1,
    skip,
  }),
  exponent: () => 1,
});
