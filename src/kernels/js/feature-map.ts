import { type FeatureMap, isFeatureMap } from "../../mechanisms/feature-map/declare.ts";
import type { Ability } from "../by-kind.ts";
import { prepareFavor } from "./favor-kernel.ts";
import { prepareFeatureMap } from "./feature-map-kernel.ts";
import { prepareFeatureSteps } from "./feature-stepper.ts";
import type { Means } from "./means.ts";
import { prepareRecurrent } from "./recurrent-kernel.ts";

/** Linear attention: in parallel, and causal in chunks; causal FAVOR+ token by token. */
export const featureMap: Ability<FeatureMap, Means> = {
  is: isFeatureMap,
  prepare(problem, { output }) {
    const { mechanism, causal } = problem;
    if (mechanism.feature.kind !== "favor") return prepareFeatureMap(problem, mechanism, output);
    return causal
      ? prepareRecurrent(problem, mechanism, output)
      : prepareFavor(problem, mechanism, mechanism.feature, output);
  },
  decode: { prepare: (task, _means, weights) => prepareFeatureSteps(task, task.mechanism, weights) },
};

/** Linear attention one token at a time, the RNN view; the third form of the same function. */
export const recurrentFeatureMap: Ability<FeatureMap, Means> = {
  ...featureMap,
  whyNot: ({ causal }) => (causal ? null : "the recurrent form is causal; add --causal"),
  prepare: (problem, { output }) => prepareRecurrent(problem, problem.mechanism, output),
};
