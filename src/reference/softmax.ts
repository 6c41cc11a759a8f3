import { rowOffset } from "../core/shape.ts";
import type { AttentionInputs } from "../core/tensors.ts";
import type { ReferenceRow, Rounding } from "./precision.ts";

/**
 * Row `(batch, head, query)` of softmax attention over the keys that `attends` names, by the definition:
 * `Σ_j w_j v_j / Σ_j w_j`, `w_j = exp(q·k_j/√d - max)`. O(N·d) time, O(N) memory. An empty row is zero.
 * Vaswani et al. 2017, arXiv 1706.03762, eq. 1.
 */
export function softmaxRow(
  inputs: AttentionInputs,
  attends: (query: number, key: number) => boolean,
  batch: number,
  head: number,
  query: number,
  round: Rounding,
): ReferenceRow {
  const { q, k, v, shape } = inputs;
  const { length, headDim } = shape;
  const queryAt = rowOffset(shape, batch, head, query);
  const keysAt = rowOffset(shape, batch, head, 0);
  const scale = round(1 / Math.sqrt(headDim));

  const keys: number[] = [];
  const logits: number[] = [];
  /** Of each logit, what its sum comes to before anything cancels. */
  const sizes: number[] = [];
  let largest = Number.NEGATIVE_INFINITY;
  for (let key = 0; key < length; key++) {
    if (!attends(query, key)) continue;
    let dot = 0;
    let size = 0;
    const keyAt = keysAt + key * headDim;
    for (let i = 0; i < headDim; i++) {
      const product = round(q[queryAt + i] * k[keyAt + i]);
      dot = round(dot + product);
      size += Math.abs(product);
    }
    const logit = round(dot * scale);
    keys.push(key);
    logits.push(logit);
    sizes.push(size * scale);
    largest = Math.max(largest, logit);
  }

  const values = new Float64Array(headDim);
  const magnitudes = new Float64Array(headDim);
  let total = 0;
  let amplification = 0;
  for (let at = 0; at < keys.length; at++) {
    const weight = round(Math.exp(round(logits[at] - largest)));
    total = round(total + weight);
    // An absolute error in a logit is as large a relative one in its weight, unless that is 0.
    if (weight > 0) amplification = Math.max(amplification, sizes[at]);
    const valueAt = keysAt + keys[at] * headDim;
    for (let i = 0; i < headDim; i++) {
      const product = round(weight * v[valueAt + i]);
      values[i] = round(values[i] + product);
      magnitudes[i] += Math.abs(product);
    }
  }
  if (keys.length > 0) {
    for (let i = 0; i < headDim; i++) {
      values[i] = round(values[i] / total);
      magnitudes[i] /= total;
    }
  }
  return { values, magnitudes, amplification };
}
