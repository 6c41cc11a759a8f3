import { type FeatureMap, isFeatureMap } from "../../../mechanisms/feature-map/declare.ts";
import { type Gradient, isGradientOf, taskWithin } from "../../../mechanisms/gradient/declare.ts";
import type { Ability } from "../../by-kind.ts";
import { featureMap } from "../feature-map.ts";
import { prepareFeatureGradient } from "../features/gradient/feature-kernel.ts";
import { whyNotBack } from "../features/gradient/maps/index.ts";
import type { Means } from "../means.ts";

/** The gradient of linear attention: a state of queries, which keys read, beside that of keys. */
export const featureMapGradient: Ability<Gradient<FeatureMap>, Means> = {
  is: isGradientOf(isFeatureMap),
  whyNot: (task) =>
    featureMap.whyNot?.(taskWithin(task)) ?? whyNotBack(task.mechanism.of.feature, task.causal),
  prepare: prepareFeatureGradient,
};
