import type { Problem, Task } from "../../core/problem.ts";
import { ANY_SHAPE, type ShapeFreedom, whyNotShape } from "../../core/shape.ts";
import { type FeatureMap, isFeatureMap } from "../../mechanisms/feature-map/declare.ts";
import type { Ability } from "../by-kind.ts";
import type { Runnable } from "../kernel.ts";
import { prepareChain } from "./chain/chain-kernel.ts";
import { favorChain } from "./favor-chain.ts";
import { FEATURE, prepareFeatureMap } from "./feature-map-kernel.ts";
import { prepareFeatureSteps } from "./feature-stepper.ts";
import { whyTooWide } from "./fits.ts";
import type { Means } from "./means.ts";

/** Linear attention in segments, with a state of d·(d+1) numbers. */
export const featureMap: Ability<FeatureMap, Means> = {
  is: isFeatureMap,
  whyNot(task) {
    if (task.mechanism.feature.kind !== "favor" || task.causal) return whyNot(task, ["kvHeads"]);
    return whyNotShape(task.shape, ANY_SHAPE) ?? whyTooWide(task.shape);
  },
  prepare,
  decode: {
    whyNot: (task) => whyNot(task, []),
    prepare: (task, { build }) => prepareFeatureSteps(task, task.mechanism, build),
  },
};

function prepare(problem: Problem<FeatureMap>, means: Means): Runnable {
  const { mechanism, shape, causal } = problem;
  const { feature } = mechanism;
  if (feature.kind !== "favor" || causal) return prepareFeatureMap(problem, mechanism, means);
  const { steps, inputs } = favorChain(mechanism, feature, shape.headDim);
  return prepareChain(problem, steps, inputs, means);
}

function whyNot(
  { mechanism: { feature }, shape }: Task<FeatureMap>,
  allowed: readonly ShapeFreedom[],
): string | null {
  const id = feature.kind ?? feature.id;
  return id === FEATURE
    ? (whyNotShape(shape, allowed) ?? whyTooWide(shape))
    : `of feature maps it knows ${FEATURE}, got ${id}`;
}
