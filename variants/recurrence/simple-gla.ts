import { recurrence } from "../../src/mechanisms/recurrence/declare.ts";
import { seed } from "./seed.ts";

/**
 * Gated linear attention with one gate a token: `S ← α S + k vᵀ`, `ln α = ln σ(k·w) / 16`, `out = Sᵀ q / √d`.
 *
 * Departs: models make the gate of the hidden state; here it is made of k, with w drawn from N(0, 1/d), or given as `g`.
 */
export const simpleGla = recurrence({
  id: "simple-gla",
  title: "Simple GLA",
  summary: "linear attention that forgets by a gate of each token",
  tags: ["recurrence", "recurrent", "linear"],
  source: "Yang et al. 2023, arXiv 2312.06635",
  params: { seed },
  recurrence: (values) => ({
    decay: { form: "logistic", per: "token", stream: "simple-gla/w", seed: values.seed },
  }),
  exponent: () => 1,
});
