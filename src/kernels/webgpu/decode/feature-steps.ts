import type { Task } from "../../../core/problem.ts";
import { type FeatureMap, featureCount } from "../../../mechanisms/feature-map/declare.ts";
import type { StepAbility } from "../../by-kind.ts";
import type { Stepper } from "../../stepper.ts";
import { planMap, whyNotMapped } from "../feature-map/plan.ts";
import type { Means } from "../means.ts";
import { stateQuads } from "./feature-shader.ts";
import { prepareFeatureSteps } from "./feature-stepper.ts";
import { THREADS } from "./step-shape.ts";

/** Features of a token that lie in workgroup memory. */
const MOST_FEATURES = 2048;

/** Linear attention, token by token: a state of one size, in which each token leaves its features. */
export const featureSteps: StepAbility<FeatureMap, Means, Promise<Stepper>> = {
  whyNot,
  prepare: (task, { device }) => prepareFeatureSteps(task, task.mechanism, device),
};

function whyNot({ mechanism, shape }: Task<FeatureMap>): string | null {
  const unmapped = whyNotMapped(mechanism);
  if (unmapped !== null) return unmapped;
  const features = featureCount(mechanism.feature, shape.headDim);
  if (features > MOST_FEATURES) return `it decodes at most ${MOST_FEATURES} features, got ${features}`;
  const { preparation } = planMap(mechanism, shape);
  if (preparation !== null) return `it decodes no features that are made of ${preparation.form}`;
  if (stateQuads(shape.valueDim) <= THREADS) return null;
  return `values must be less than ${4 * THREADS} wide, got ${shape.valueDim}`;
}
