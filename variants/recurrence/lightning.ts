import { recurrence } from "../../src/mechanisms/recurrence/declare.ts";

/**
 * Lightning attention of TransNormer: as retention, and head h of H decays by `ln γ = -2^(-8(h+1)/H)`, the slopes of ALiBi.
 *
 * Departs: the authors' slopes, of which every head decays; those of flash-linear-attention are 0 in the first head. The
 * factor that makes decays weaker from layer to layer is 1, and the scale 1/√d, which the authors' program leaves out.
 */
export const lightning = recurrence({
  id: "lightning",
  title: "Lightning attention",
  summary: "linear attention that forgets by the slopes of ALiBi, one a head",
  aliases: ["transnormer"],
  tags: ["recurrence", "recurrent", "linear"],
  source: "Qin et al. 2024, arXiv 2401.04658",
  params: {},
  recurrence: () => ({ decay: { form: "lightning" } }),
  exponent: () => 1,
});
