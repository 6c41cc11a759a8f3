import { isReduced } from "../../core/dtype.ts";
import type { Task } from "../../core/problem.ts";
import { type FeatureMap, isFeatureMap, taylorChannels } from "../../mechanisms/feature-map/declare.ts";
import type { Ability } from "../by-kind.ts";
import type { Runnable } from "../kernel.ts";
import { featureSteps } from "./decode/feature-steps.ts";
import { MOST_CHANNELS } from "./feature-map/expansion.ts";
import { prepareFeatureMap } from "./feature-map/kernel.ts";
import { whyNotMapped } from "./feature-map/plan.ts";
import { whyNotHalves } from "./halves.ts";
import type { Means } from "./means.ts";

/** Linear attention: states of segments, summed and scanned, and within a segment the pairs themselves. */
export const featureMap: Ability<FeatureMap, Means, Promise<Runnable>> = {
  is: isFeatureMap,
  whyNot,
  prepare: prepareFeatureMap,
  decode: featureSteps,
};

function whyNot({ mechanism, shape, dtype }: Task<FeatureMap>): string | null {
  const { feature } = mechanism;
  if (feature.kind === "taylor" && taylorChannels(feature, shape.headDim) >= MOST_CHANNELS) {
    return `it expands fewer than ${MOST_CHANNELS} channels, got ${taylorChannels(feature, shape.headDim)}`;
  }
  return whyNotMapped(mechanism) ?? (isReduced(dtype) ? whyNotHalves(shape) : null);
}
