import { recurrence } from "../../src/mechanisms/recurrence/declare.ts";

/**
 * Retention of a RetNet: linear attention without a feature map, whose memory fades by one factor a head, `γ = 1 -
 * 2^(-5-h)`: `S ← γ S + k vᵀ`, `out = Sᵀ q / √d`.
 *
 * Departs: the rotation of q and k (xPos) and the norm of each head's output are a layer's, outside. torchscale divides rows
 * by `max(Σ|·|, 1)` in its parallel form and by a root in its recurrent one, which are equal only after that norm.
 */
export const retention = recurrence({
  id: "retention",
  title: "Retention",
  summary: "linear attention that forgets by one constant factor a head",
  aliases: ["retnet"],
  tags: ["recurrence", "recurrent", "linear"],
  source: "Sun et al. 2023, arXiv 2307.08621",
  params: {},
  recurrence: () => ({ decay: { form: "retention" } }),
  exponent: () => 1,
});
