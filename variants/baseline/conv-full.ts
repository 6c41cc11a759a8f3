import { int } from "../../src/core/parameters.ts";
import { convolution } from "../../src/mechanisms/convolution/declare.ts";

/**
 * Convolution from all channels to all channels: `out_i = Σ_t v_{i+t-left} W_t`, the order of cross-correlation,
 * zeros outside. `left` is ⌊taps/2⌋, and taps - 1 if causal. q and k are not read; W is drawn, from N(0, 1/(taps·d)).
 *
 * Departs: the paper adds gates, residuals and position embeddings, and stacks layers until every token is
 * reached; this is one layer, within a head, without a bias.
 */
export const convFull = convolution({
  id: "conv-full",
  title: "Convolution",
  summary: "a matrix for each place of a window, summed over its values",
  aliases: ["conv"],
  tags: ["baseline", "convolution", "linear"],
  source: "Gehring et al. 2017, arXiv 1705.03122",
  params: {
    taps: int(4, { least: 1, unit: "tokens", meaning: "tokens of the window", probe: 3 }),
    seed: int(0, { unit: "seed", meaning: "which numbers the taps have" }),
  },
  form: "full",
  taps: ({ taps }) => taps,
  seed: ({ seed }) => seed,
  exponent: () => 1,
});
