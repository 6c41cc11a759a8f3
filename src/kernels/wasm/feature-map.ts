import type { Problem, Task } from "../../core/problem.ts";
import { ANY_SHAPE, whyNotShape } from "../../core/shape.ts";
import { type Favor, type FeatureMap, isFeatureMap } from "../../mechanisms/feature-map/declare.ts";
import type { Ability } from "../by-kind.ts";
import type { Runnable } from "../kernel.ts";
import { prepareChain } from "./chain/chain-kernel.ts";
import { favorChain } from "./favor-chain.ts";
import { prepareFeatureMap } from "./feature-map-kernel.ts";
import { whyNotMapped } from "./feature-panels.ts";
import { prepareFeatureSteps } from "./feature-stepper.ts";
import { whyTooWide } from "./fits.ts";
import type { Means } from "./means.ts";

/**
 * Linear attention in segments, with a state of `features · (valueDim + 1)` numbers. FAVOR+ that is not causal
 * is a chain of two cross attentions.
 */
export const featureMap: Ability<FeatureMap, Means> = {
  is: isFeatureMap,
  whyNot: (task) =>
    chained(task) === null ? whyNot(task) : (whyNotShape(task.shape, ANY_SHAPE) ?? whyTooWide(task.shape)),
  prepare,
  decode: {
    whyNot,
    prepare: (task, { build }, weights) => prepareFeatureSteps(task, task.mechanism, build, weights),
  },
};

function prepare(problem: Problem<FeatureMap>, means: Means): Runnable {
  const { mechanism, shape } = problem;
  const feature = chained(problem);
  if (feature === null) return prepareFeatureMap(problem, mechanism, means);
  const { steps, inputs } = favorChain(mechanism, feature, shape.headDim);
  return prepareChain(problem, steps, inputs, means);
}

/** The features of a task that is a chain; null if it is none. */
function chained({ mechanism: { feature }, causal }: Task<FeatureMap>): Favor | null {
  return feature.kind === "favor" && !causal ? feature : null;
}

function whyNot({ mechanism, shape }: Task<FeatureMap>): string | null {
  return (
    whyNotShape(shape, ["kvHeads", "valueDim"]) ?? whyTooWide(shape) ?? whyNotMapped(mechanism, shape.headDim)
  );
}
