import {
  channelFactor,
  type FeatureMap,
  isElementwise,
  isFeatureMap,
} from "../../mechanisms/feature-map/declare.ts";
import type { Arrays } from "../arrays/arrays.ts";
import type { Tensor } from "../arrays/tensor.ts";
import { isKnown, pairWeights } from "./features.ts";
import { NOT_ATTENDED, softmaxSums, weightedMean } from "./pair-weights.ts";
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
    return ({ q, k, v, named }) => {
      const logs = favorLogs(q, k, named["performer.w"], channelFactor(mechanism, shape.headDim));
      const seen = arrays.matrix(queries, length, (row, key) => (isSeen(row, key) ? 0 : NOT_ATTENDED));
      return softmaxSums(logs.add(seen), v);
    };
  }
  const weights = pairWeights(arrays, task, feature);
  return (inputs) => {
    const all = weights(inputs);
    const seen = arrays.matrix(queries, length, (row, key) => (isSeen(row, key) ? 1 : 0));
    return weightedMean(causal ? all.mul(seen) : all, inputs.v, epsilon);
  };
}

/** Less than any sum of products that has a meaning: a logarithm of 0 would have no gradient. */
const LEAST_SUM = 1e-37;

/**
 * `ln Σ_r exp(w_r·q' + w_r·k' - |k'|²/2)` of all pairs, up to a number of each query, which cancels in their softmax. The
 * largest exponent of each row is taken away before its exponentials, and that of a key is added again: constants to the
 * gradient, because the sum does not depend on them.
 */
function favorLogs(q: Tensor, k: Tensor, w: Tensor, factor: number): Tensor {
  const exponents = (x: Tensor): Tensor => x.mul(factor).matmul(w.transposed());
  const ofQueries = exponents(q);
  const ofKeys = exponents(k).sub(
    k
      .mul(k)
      .sum(-1)
      .mul(factor ** 2 / 2),
  );
  const [mostOfQuery, mostOfKey] = [ofQueries.max(-1).stopped(), ofKeys.max(-1).stopped()];
  const sums = ofQueries.sub(mostOfQuery).exp().matmul(ofKeys.sub(mostOfKey).exp().transposed());
  return sums.atLeast(LEAST_SUM).log().add(mostOfKey.transposed());
}
