import type { Task } from "../../core/problem.ts";
import { whyNotShape } from "../../core/shape.ts";
import { type FeatureMap, isFeatureMap } from "../../mechanisms/feature-map/declare.ts";
import type { Ability } from "../by-kind.ts";
import { prepareFeatureMap } from "./feature-map-kernel.ts";
import { whyNotMapped } from "./feature-panels.ts";
import { prepareFeatureSteps } from "./feature-stepper.ts";
import { whyTooWide } from "./fits.ts";
import type { Means } from "./means.ts";

/** Linear attention in segments, with a state of `features · (valueDim + 1)` numbers. */
export const featureMap: Ability<FeatureMap, Means> = {
  is: isFeatureMap,
  whyNot,
  prepare: (problem, means) => prepareFeatureMap(problem, problem.mechanism, means),
  decode: {
    whyNot,
    prepare: (task, { build }, weights) => prepareFeatureSteps(task, task.mechanism, build, weights),
  },
};

function whyNot({ mechanism, shape }: Task<FeatureMap>): string | null {
  return whyNotMapped(mechanism) ?? whyNotShape(shape, ["kvHeads", "valueDim"]) ?? whyTooWide(shape);
}
