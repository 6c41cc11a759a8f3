import { FLOAT32_EPSILON, FLOAT32_LEAST, FLOAT32_TINIEST } from "../../core/error-budget.ts";
import type { Problem } from "../../core/problem.ts";
import { kvHeadOf, layoutOf, offsetIn } from "../../core/shape.ts";
import type { AttentionInputs } from "../../core/tensors.ts";
import { bindHeads } from "../../pattern/bind.ts";
import { type Oracle, type ReferenceRow, type Rounding, rowByRow } from "../oracle.ts";
import { type SoftmaxPattern, scaleOf } from "./declare.ts";

/** Softmax attention over a pattern, evaluated by the definition from membership alone. */
export function softmaxOracle({ inputs, mechanism, ...task }: Problem<SoftmaxPattern>): Oracle {
  const patterns = bindHeads(mechanism, task);
  const scale = scaleOf(mechanism, task.shape.headDim);
  return rowByRow((batch, head, query, round) =>
    softmaxRow(inputs, patterns[head].attends, scale, batch, head, query, round),
  );
}

/**
 * Row `(batch, head, query)` of softmax attention over the keys that `attends` names, by the definition:
 * `Σ_j w_j v_j / Σ_j w_j`, `w_j = exp(scale · q·k_j - max)`. O(N·d) time, O(N) memory. An empty row is zero.
 * Vaswani et al. 2017, arXiv 1706.03762, eq. 1.
 */
function softmaxRow(
  inputs: AttentionInputs,
  attends: (query: number, key: number) => boolean,
  exactScale: number,
  batch: number,
  head: number,
  query: number,
  round: Rounding,
): ReferenceRow {
  const { q, k, v, shape } = inputs;
  const { length, headDim, valueDim } = shape;
  const queryAt = offsetIn(layoutOf(shape, "q"), batch, head, query);
  const keysAt = offsetIn(layoutOf(shape, "k"), batch, kvHeadOf(shape, head), 0);
  const valuesAt = offsetIn(layoutOf(shape, "v"), batch, kvHeadOf(shape, head), 0);
  const scale = round(exactScale);

  const keys: number[] = [];
  const logits: number[] = [];
  /** For each logit, the sum of its terms before anything cancels. */
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

  const values = new Float64Array(valueDim);
  const magnitudes = new Float64Array(valueDim);
  const weights = new Float64Array(keys.length);
  let total = 0;
  for (let at = 0; at < keys.length; at++) {
    const weight = round(Math.exp(round(logits[at] - largest)));
    weights[at] = weight;
    total = round(total + weight);
    const valueAt = valuesAt + keys[at] * valueDim;
    for (let i = 0; i < valueDim; i++) {
      const product = round(weight * v[valueAt + i]);
      values[i] = round(values[i] + product);
      magnitudes[i] += Math.abs(product);
    }
  }
  if (keys.length > 0) {
    for (let i = 0; i < valueDim; i++) {
      values[i] = round(values[i] / total);
      magnitudes[i] /= total;
    }
  }
  const parts = { keys, logits, sizes, weights, values, magnitudes };
  return { values, magnitudes, slack: () => slackOf(inputs, valuesAt, parts) };
}

/**
 * What the row was made of: its keys, and for each its logit, the sum before anything cancels, and its
 * weight.
 */
interface RowParts {
  readonly keys: readonly number[];
  readonly logits: readonly number[];
  readonly sizes: readonly number[];
  readonly weights: Float64Array;
  readonly values: Float64Array;
  readonly magnitudes: Float64Array;
}

/**
 * `Σ_j Δw_j |v_j - out| + ε Σ_j w_j |v_j|`: a logit may be off by ε times what its products sum to before
 * they cancel, and its weight by that relative amount while it is small; if it is not, weights may be
 * anything up to 1.
 */
function slackOf(
  { v, shape: { valueDim } }: AttentionInputs,
  valuesAt: number,
  { keys, logits, sizes, weights, values, magnitudes }: RowParts,
): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const largest = logits.reduce((most, logit) => Math.max(most, logit), Number.NEGATIVE_INFINITY);
  const off = (at: number) => FLOAT32_EPSILON * (sizes[at] + largest - logits[at]);
  // If the largest logit comes out too small, all others weigh that much more.
  let lift = 0;
  for (let at = 0; at < keys.length; at++) if (logits[at] === largest) lift = Math.max(lift, off(at));
  const slack = magnitudes.map((magnitude) => FLOAT32_EPSILON * magnitude);
  for (let at = 0; at < keys.length; at++) {
    // A subnormal weight may be lost.
    const moved = Math.min(1, (weights[at] / total) * Math.expm1(off(at)) * Math.exp(lift) + FLOAT32_LEAST);
    const valueAt = valuesAt + keys[at] * valueDim;
    for (let i = 0; i < valueDim; i++)
      slack[i] += moved * Math.abs(v[valueAt + i] - values[i]) + FLOAT32_TINIEST;
  }
  return slack;
}
