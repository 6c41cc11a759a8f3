import { recurrence } from "../../src/mechanisms/recurrence/declare.ts";
import { seed } from "./seed.ts";

/**
 * The delta rule: before a token is written, what the state holds of its key is taken away in part, `S ← S + β k̂ (v - Sᵀ
 * k̂)ᵀ`, with q̂ and k̂ of length 1, `β = σ(k·w)`, `out = Sᵀ q̂ / √d`.
 *
 * Departs: models make β of the hidden state; here it is made of k, with w drawn from N(0, 1/d), or given as `beta`. Left out
 * are SiLU on q and k, short convolutions, and doubling β, which allows eigenvalues below 0.
 */
export const delta = recurrence({
  id: "delta",
  title: "DeltaNet",
  summary: "linear attention that corrects what it holds of a key before it writes",
  aliases: ["deltanet", "delta-rule"],
  tags: ["recurrence", "recurrent", "linear"],
  source: "Schlag et al. 2021, arXiv 2102.11174; Yang et al. 2024, arXiv 2406.06484",
  params: { seed },
  recurrence: (values) => ({
    write: { form: "logistic", per: "token", stream: "delta/beta", seed: values.seed },
    erase: "after-decay",
    unit: "both",
  }),
  exponent: () => 1,
});
