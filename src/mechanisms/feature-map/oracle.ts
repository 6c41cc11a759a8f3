import { FLOAT32_EPSILON, FLOAT32_LEAST, FLOAT32_TINIEST } from "../../core/error-budget.ts";
import type { Problem } from "../../core/problem.ts";
import { kvHeadOf, layoutOf, offsetIn } from "../../core/shape.ts";
import type { AttentionInputs } from "../../core/tensors.ts";
import { type Oracle, type ReferenceRow, type Rounding, rowByRow } from "../oracle.ts";
import { elementwise, type FeatureMap } from "./declare.ts";

/** Linear attention as a weighted sum over keys: a row reads all keys, or those up to its own. */
export function featureMapOracle({ inputs, mechanism, causal }: Problem<FeatureMap>): Oracle {
  return rowByRow((batch, head, query, round) =>
    featureMapRow(inputs, mechanism, causal, batch, head, query, round),
  );
}

/**
 * Row `(batch, head, query)` of linear attention as a weighted sum over keys, without any state:
 * `Σ_j (φ(q)·φ(k_j)) v_j / (Σ_j φ(q)·φ(k_j) + ε)`, over all j or those up to the query's own place. O(N·d) time.
 * Katharopoulos et al. 2020, arXiv 2006.16236, eq. 4 with φ for the kernel.
 */
function featureMapRow(
  inputs: AttentionInputs,
  { feature, epsilon }: FeatureMap,
  causal: boolean,
  batch: number,
  head: number,
  query: number,
  round: Rounding,
): ReferenceRow {
  const { phi } = elementwise(feature);
  const { q, k, v, shape } = inputs;
  const { length, queries, headDim, valueDim } = shape;
  const queryAt = offsetIn(layoutOf(shape, "q"), batch, head, query);
  const keysAt = offsetIn(layoutOf(shape, "k"), batch, kvHeadOf(shape, head), 0);
  const valuesAt = offsetIn(layoutOf(shape, "v"), batch, kvHeadOf(shape, head), 0);
  const queryFeatures = Array.from({ length: headDim }, (_, i) => round(phi(q[queryAt + i])));

  const values = new Float64Array(valueDim);
  const magnitudes = new Float64Array(valueDim);
  /** For each column, what its sums lose at most if a feature of the query is subnormal. */
  const lost = new Float64Array(valueDim);
  let total = 0;
  // The last query stands at the last key.
  const lastKey = causal ? query + length - queries : length - 1;
  for (let key = 0; key <= lastKey; key++) {
    const keyAt = keysAt + key * headDim;
    let weight = 0;
    let keyFeatures = 0;
    for (let i = 0; i < headDim; i++) {
      const keyFeature = round(phi(k[keyAt + i]));
      keyFeatures += keyFeature;
      weight = round(weight + round(queryFeatures[i] * keyFeature));
    }
    total = round(total + weight);
    const valueAt = valuesAt + key * valueDim;
    for (let i = 0; i < valueDim; i++) {
      const product = round(weight * v[valueAt + i]);
      values[i] = round(values[i] + product);
      magnitudes[i] += Math.abs(product);
      lost[i] += FLOAT32_LEAST * keyFeatures * Math.abs(v[valueAt + i]);
    }
  }
  // Before the first key there is nothing to read: 0 divided by ε is exact.
  if (lastKey < 0) return { values, magnitudes, slack: () => values.map(() => FLOAT32_TINIEST) };
  const divisor = round(total + epsilon);
  for (let i = 0; i < valueDim; i++) {
    values[i] = round(values[i] / divisor);
    magnitudes[i] /= divisor;
  }
  // A sum of d products of positive numbers accumulates √d roundings: Higham and Mary 2019, doi
  // 10.1137/18M1226312.
  const roundings = FLOAT32_EPSILON * (1 + Math.sqrt(headDim));
  const slack = () =>
    magnitudes.map((magnitude, i) => roundings * magnitude + (lost[i] + FLOAT32_LEAST) / divisor);
  return { values, magnitudes, slack };
}
