import type { TensorSpec, TensorSpecs } from "../../core/tensor-spec.ts";
import { type FeatureMap, learnedOf } from "./declare.ts";
import { fillOrthogonal } from "./orthogonal-rows.ts";

/**
 * What features are drawn from, once a layer: an input besides q, k and v. Heads that share k and v share it,
 * and with it the features of their keys.
 */
export function featureInputs({ feature }: FeatureMap): TensorSpecs {
  const learned = learnedOf(feature);
  if (learned === null) return {};
  const drawn: TensorSpec = { dims: ["kvHeads", learned.rows, "headDim"], of: "weights" };
  switch (feature.kind) {
    case "favor": {
      const { orthogonal, seed } = feature;
      return { w: { ...drawn, stream: "performer/w", seed, ...(orthogonal && ORTHOGONAL) } };
    }
    case "trigonometric":
      return { w: { ...drawn, stream: "rfa/w", seed: feature.seed, std: 1 / feature.tau } };
    case "taylor": {
      // A projected channel is about as large as one of those that it sums.
      const std: TensorSpec["std"] = ({ headDim }) => 1 / Math.sqrt(headDim);
      return { r: { ...drawn, stream: "taylor/r", seed: feature.seed, std } };
    }
    default:
      return {};
  }
}

const ORTHOGONAL: Pick<TensorSpec, "fill"> = {
  fill: (random, to, { headDim }) => fillOrthogonal(random, to, headDim),
};
