import {
  channelFactor,
  type FeatureMap,
  isElementwise,
  isFeatureMap,
} from "../../mechanisms/feature-map/declare.ts";
import type { Arrays } from "../arrays/arrays.ts";
import type { Tensor } from "../arrays/tensor.ts";
import { isKnown, pairWeights } from "./features.ts";
import { NOT_ATTENDED, weightedMean } from "./pair-weights.ts";
import type { Twin, TwinKind, TwinTask } from "./twin.ts";

/** Linear attention as a weighted mean over pairs, without its state. */
export const featureMapTwin: TwinKind<FeatureMap> = {
  is: isFeatureMap,
  whyNot: ({ feature }) =>
    isElementwise(feature) && !isKnown(feature)
      ? `has a feature map, ${feature.id}, of which no formula is known here`
      : null,
  twin,
};

function twin(arrays: Arrays, task: TwinTask<FeatureMap>): Twin {
  const { mechanism, shape, causal } = task;
  const { queries, length } = shape;
  const isSeen = (row: number, key: number): boolean => !causal || key <= row + length - queries;
  const { feature, epsilon } = mechanism;
  if (feature.kind === "favor") {
    const factor = channelFactor(mechanism, shape.headDim);
    return ({ q, k, v, named }) => {
      const hidden = arrays.matrix(queries, length, (row, key) => (isSeen(row, key) ? 0 : NOT_ATTENDED));
      const weights = favorWeights(q, k, named["performer.w"], factor, hidden);
      return weightedMean(weights, v, epsilon + LEAST_SUM);
    };
  }
  const weights = pairWeights(arrays, task, feature);
  return (inputs) => {
    const all = weights(inputs);
    const seen = arrays.matrix(queries, length, (row, key) => (isSeen(row, key) ? 1 : 0));
    return weightedMean(causal ? all.mul(seen) : all, inputs.v, epsilon);
  };
}

/** Less than any sum of weights that has a meaning, so that rows that have lost theirs are 0. */
const LEAST_SUM = 1e-37;

/**
 * `Σ_r exp(w_r·q' + w_r·k' - |k'|²/2)` of all pairs, up to a factor of each row, which cancels in its mean. What is largest is
 * taken away before it is a power: of a query's exponents, of a key's, and of those of the keys that a row sees. All three are
 * constants to the gradient, because no row depends on them.
 */
function favorWeights(q: Tensor, k: Tensor, w: Tensor, factor: number, hidden: Tensor): Tensor {
  const exponents = (x: Tensor): Tensor => x.mul(factor).matmul(w.transposed());
  const ofQueries = exponents(q);
  const ofKeys = exponents(k).sub(
    k
      .mul(k)
      .sum(-1)
      .mul(factor ** 2 / 2),
  );
  const mostOfKey = ofKeys.max(-1).stopped();
  const sums = ofQueries
    .sub(ofQueries.max(-1).stopped())
    .exp()
    .matmul(ofKeys.sub(mostOfKey).exp().transposed());
  const keys = mostOfKey.transposed().add(hidden);
  return sums.mul(keys.sub(keys.max(-1)).exp());
}
