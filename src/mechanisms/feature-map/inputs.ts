import type { TensorSpec, TensorSpecs } from "../../core/tensor-spec.ts";
import { type Feature, type FeatureMap, learnedOf } from "./declare.ts";
import { fillOrthogonal } from "./orthogonal-rows.ts";

/**
 * What features are drawn from, once a layer: an input besides q, k and v. Heads that share k and v share it,
 * and with it the features of their keys.
 */
export function featureInputs({ feature }: FeatureMap): TensorSpecs {
  const learned = learnedOf(feature);
  if (learned === null) return {};
  const { name, rows } = learned;
  const stream = name.replace(".", "/");
  return { [name]: { dims: ["kvHeads", rows, "headDim"], of: "weights", stream, ...drawn(feature) } };
}

/** By which seed, and how its numbers differ from independent ones of deviation 1. */
function drawn(feature: Feature): Partial<TensorSpec> {
  switch (feature.kind) {
    case "favor":
      return { seed: feature.seed, untrained: true, ...(feature.orthogonal && ORTHOGONAL) };
    case "trigonometric":
      return { seed: feature.seed, untrained: true, std: 1 / feature.tau };
    case "taylor":
      // A projected channel is about as large as one of those that it sums.
      return { seed: feature.seed, std: ({ headDim }) => 1 / Math.sqrt(headDim) };
    default:
      return {};
  }
}

const ORTHOGONAL: Pick<TensorSpec, "fill"> = {
  fill: (random, to, { headDim }) => fillOrthogonal(random, to, headDim),
};
