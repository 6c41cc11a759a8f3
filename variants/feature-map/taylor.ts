import { int } from "../../src/core/parameters.ts";
import { featureMap } from "../../src/mechanisms/feature-map/declare.ts";
import { EPS } from "./eps.ts";

/**
 * Based: exp(s) expanded to 1 + s + s²/2, s = q·k/√d, by features that are 1, the channels, and the products of
 * any two of them. Weights are at least ½. At d = 64 that is 4161 features, and full attention is cheaper up to
 * about as many tokens; Based projects q and k to 16 channels, as `project` does.
 *
 * Departs: the projection is drawn, not learned.
 */
export const taylor = featureMap({
  id: "taylor",
  title: "Taylor",
  summary: "exp(q·k) expanded to its second order",
  aliases: ["based"],
  tags: ["feature-map", "linear"],
  source: "Arora et al. 2024, arXiv 2402.18668",
  params: {
    project: int(0, { unit: "channels", meaning: "what q and k are projected to; 0 for none", probe: 5 }),
    seed: int(0, { unit: "seed", meaning: "which projection is drawn" }),
    eps: EPS,
  },
  feature: ({ project, seed }) => ({ kind: "taylor", project, seed }),
  epsilon: ({ eps }) => eps,
  exponent: () => 1,
});
