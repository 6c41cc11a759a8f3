import type { Task } from "../../core/problem.ts";
import { type ShapeFreedom, whyNotShape } from "../../core/shape.ts";
import { type FeatureMap, isFeatureMap } from "../../mechanisms/feature-map/declare.ts";
import type { Ability } from "../by-kind.ts";
import { FEATURE, prepareFeatureMap } from "./feature-map-kernel.ts";
import { prepareFeatureSteps } from "./feature-stepper.ts";
import { whyTooWide } from "./fits.ts";
import type { Means } from "./means.ts";

/** Linear attention in segments, with a state of d·(d+1) numbers. */
export const featureMap: Ability<FeatureMap, Means> = {
  is: isFeatureMap,
  whyNot: (task) => whyNot(task, ["kvHeads"]),
  prepare: (problem, means) => prepareFeatureMap(problem, problem.mechanism, means),
  decode: {
    whyNot: (task) => whyNot(task, []),
    prepare: (task, { build }) => prepareFeatureSteps(task, task.mechanism, build),
  },
};

function whyNot(
  { mechanism: { feature }, shape }: Task<FeatureMap>,
  allowed: readonly ShapeFreedom[],
): string | null {
  const id = feature.kind ?? feature.id;
  return id === FEATURE
    ? (whyNotShape(shape, allowed) ?? whyTooWide(shape))
    : `of feature maps it knows ${FEATURE}, got ${id}`;
}
