import { optionalInt } from "../../src/core/parameters.ts";
import { featureMap } from "../../src/mechanisms/feature-map/declare.ts";
import { EPS } from "./eps.ts";

/**
 * cosFormer: relu(q)·relu(k) weighed by cos(π(i - j)/2M), which a sum of two products is, of features that
 * turn with the position. M is the horizon: the length unless it is set, and then a longer sequence has other
 * weights, and tokens cannot be decoded one by one. Beyond the horizon weights are negative.
 *
 * Departs: the authors' program takes no sum below 1e-6; here ε is added.
 */
export const cosformer = featureMap({
  id: "cosformer",
  title: "cosFormer",
  summary: "relu(x) that turns with the position: near keys weigh more",
  tags: ["feature-map", "linear"],
  source: "Qin et al. 2022, arXiv 2202.08791",
  params: {
    horizon: optionalInt({
      least: 1,
      unit: "tokens",
      meaning: "distance at which a key weighs 0; the length if none",
      probe: 1024,
    }),
    eps: EPS,
  },
  feature: ({ horizon }) => ({ kind: "reweighted", horizon }),
  epsilon: ({ eps }) => eps,
  exponent: () => 1,
});
