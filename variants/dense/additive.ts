import { int } from "../../src/core/parameters.ts";
import { softmaxPattern } from "../../src/mechanisms/softmax-pattern/declare.ts";
import { FORM_DEFAULTS } from "../../src/pairwise/forms.ts";
import { everything } from "../../src/pattern/band.ts";

/**
 * Additive attention: a score is `Σ_c w_c tanh(q_c + k_c)` in the place of a product. The paper's projections
 * of query and key are those that made q and k. w is drawn, from N(0, 1/d), and there is no factor 1/√d.
 *
 * Departs: Keras's w is all ones unless it is learned, at which softmax saturates.
 */
export const additive = softmaxPattern({
  id: "additive",
  title: "Additive",
  summary: "tanh(q + k) through a vector in place of q·k",
  aliases: ["bahdanau"],
  tags: ["dense", "score"],
  source: "Bahdanau, Cho, Bengio 2014, arXiv 1409.0473",
  params: { seed: int(FORM_DEFAULTS.seed, { unit: "seed", meaning: "which numbers w has" }) },
  pattern: () => everything(),
  score: ({ seed }) => ({ kind: "tanh", seed }),
  exponent: () => 2,
});
