import { flag, int } from "../../src/core/parameters.ts";
import { featureMap } from "../../src/mechanisms/feature-map/declare.ts";

/**
 * Performer, FAVOR+: positive orthogonal random features, whose products are exp(q·k/√d) on average. Weights
 * are two softmaxes, of the keys for each feature and of the features for each query, which is the same
 * without an ε, and cannot overflow.
 *
 * Departs: published programs subtract the largest exponent of all positions, also of later ones, and add 1e-6
 * or 1e-4 to the features: with large q and k their output is the mean of v. W is never drawn anew.
 */
export const performer = featureMap({
  id: "performer",
  title: "Performer",
  summary: "positive orthogonal random features of exp(q·k)",
  aliases: ["favor"],
  tags: ["feature-map", "linear", "lra", "random"],
  arena: "Performer",
  source: "Choromanski et al. 2020, arXiv 2009.14794",
  params: {
    features: int(256, { least: 1, unit: "features", meaning: "random rows that q and k meet", probe: 12 }),
    orthogonal: flag(true, { meaning: "whether rows are orthogonal, in blocks of d" }),
    seed: int(0, { unit: "seed", meaning: "which rows are drawn" }),
  },
  feature: (values) => ({ kind: "favor", ...values }),
  epsilon: () => 0,
  exponent: () => 1,
});
