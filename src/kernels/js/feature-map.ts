import { type FeatureMap, isElementwise, isFeatureMap } from "../../mechanisms/feature-map/declare.ts";
import type { Ability } from "../by-kind.ts";
import { prepareFeatureMap } from "./feature-map-kernel.ts";
import { prepareFeatureSteps } from "./feature-stepper.ts";
import type { Means } from "./means.ts";
import { prepareRecurrent } from "./recurrent-kernel.ts";

/** Linear attention: in parallel, and causal in chunks. */
export const featureMap: Ability<FeatureMap, Means> = {
  is: isFeatureMap,
  whyNot: ({ mechanism: { feature } }) =>
    isElementwise(feature) ? null : `of feature maps it computes elementwise ones, got ${feature.kind}`,
  prepare: (problem, { output }) => prepareFeatureMap(problem, problem.mechanism, output),
  decode: { prepare: (task) => prepareFeatureSteps(task, task.mechanism) },
};

/** Linear attention one token at a time, the RNN view; the third form of the same function. */
export const recurrentFeatureMap: Ability<FeatureMap, Means> = {
  ...featureMap,
  whyNot: (task) =>
    task.causal ? (featureMap.whyNot?.(task) ?? null) : "the recurrent form is causal; add --causal",
  prepare: (problem, { output }) => prepareRecurrent(problem, problem.mechanism, output),
};
