import { loadArrays } from "./arrays/load.ts";
import { checkTwin } from "./check-twin.ts";
import type { Learning } from "./learner.ts";
import { declaredParameters } from "./model/declared-parameters.ts";
import { createLearner } from "./model/learner.ts";
import { ParameterLayout } from "./model/parameters.ts";
import { whyNotTrained } from "./why-not.ts";

/** Opens what computes gradients; why it cannot, with what to do, if it is not installed. */
export async function openLearning(): Promise<Learning | string> {
  const arrays = await loadArrays();
  if (typeof arrays === "string") return arrays;
  return {
    name: arrays.name,
    whyNot: whyNotTrained,
    parametersOf: (spec) => new ParameterLayout(declaredParameters(spec)).count,
    checkTwin: (spec, kinds, seed) => checkTwin(arrays, spec, kinds, seed),
    create: (spec) => createLearner(arrays, spec),
  };
}
