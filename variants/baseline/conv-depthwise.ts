import { int } from "../../src/core/parameters.ts";
import { convolution } from "../../src/mechanisms/convolution/declare.ts";

/**
 * Depthwise convolution: `out_i = Σ_t w_t ⊙ v_{i+t-left}`, each channel by itself, the order of cross-correlation,
 * zeros outside. `left` is ⌊taps/2⌋, and taps - 1 if causal. q and k are not read; w is drawn, from N(0, 1/taps).
 *
 * Departs: in Mamba it is followed by SiLU and stands before the recurrence, as in fla's layers, whose short
 * convolution this is with its 4 taps; here it is alone.
 */
export const convDepthwise = convolution({
  id: "conv-depthwise",
  title: "Depthwise convolution",
  summary: "each channel is a weighted sum of its nearest values",
  tags: ["baseline", "convolution", "linear"],
  source: "Gu, Dao 2023, arXiv 2312.00752, the short convolution",
  params: {
    taps: int(4, { least: 1, unit: "tokens", meaning: "tokens of the window", probe: 3 }),
    seed: int(0, { unit: "seed", meaning: "which numbers the taps have" }),
  },
  form: "depthwise",
  taps: ({ taps }) => taps,
  seed: ({ seed }) => seed,
  exponent: () => 1,
});
