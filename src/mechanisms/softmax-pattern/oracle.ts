import { FLOAT32_EPSILON, FLOAT32_LEAST, FLOAT32_TINIEST } from "../../core/error-budget.ts";
import type { ExactProblem } from "../../core/problem.ts";
import { kvHeadOf, layoutOf, offsetIn } from "../../core/shape.ts";
import { type AttentionInputs, type Numbers, tensorNamed } from "../../core/tensors.ts";
import { BIAS_TABLE, bindBiases } from "../../pairwise/bind-biases.ts";
import { bindHeads } from "../../pattern/bind.ts";
import { type Oracle, type ReferenceRow, type Rounding, rowByRow } from "../oracle.ts";
import type { SoftmaxPattern } from "./declare.ts";
import { type PairScore, scoresOf } from "./oracle-scores.ts";
import { type RowWeights, weightsOfRow } from "./oracle-weights.ts";

/** Attention over a pattern, evaluated by the definition from membership alone. */
export function softmaxOracle(problem: ExactProblem<SoftmaxPattern>): Oracle {
  const { inputs, mechanism, ...task } = problem;
  const { shape } = task;
  const patterns = bindHeads(mechanism, task);
  const { bias: added } = mechanism;
  const table = added?.table && tensorNamed(inputs, BIAS_TABLE);
  const biases = added && bindBiases(added, { ...shape, causal: task.causal }, table);
  const first = shape.length - shape.queries;
  const score = scoresOf(problem);
  return rowByRow((batch, head, query, round) => {
    const bias = biases?.[head];
    return pairsRow(inputs, mechanism, {
      batch,
      head,
      round,
      attends: (key) => patterns[head].attends(query, key),
      score: score(batch, head, query, round),
      bias: (key) => bias?.at(query + first, key) ?? null,
    });
  });
}

/** One row of the output, and how to ask about its pairs. */
export interface AskedRow {
  readonly batch: number;
  readonly head: number;
  readonly round: Rounding;
  attends(key: number): boolean;
  score(key: number): PairScore;
  bias(key: number): number | null;
}

/**
 * A row by the definition: the scores of the keys that it attends, what is added to them, and the values by
 * their weights. O(N·d) time, O(N) memory. An empty row is zero.
 */
export function pairsRow(
  { v, shape }: Pick<AttentionInputs<Numbers>, "v" | "shape">,
  { normaliser }: Pick<SoftmaxPattern, "normaliser">,
  { batch, head, round, attends, score, bias }: AskedRow,
): ReferenceRow {
  const { length, valueDim } = shape;
  const valuesAt = offsetIn(layoutOf(shape, "v"), batch, kvHeadOf(shape, head), 0);
  const keys: number[] = [];
  const logits: number[] = [];
  const sizes: number[] = [];
  for (let key = 0; key < length; key++) {
    if (!attends(key)) continue;
    const { value, size } = score(key);
    const added = bias(key);
    keys.push(key);
    logits.push(added === null ? value : round(value + round(added)));
    sizes.push(added === null ? size : size + Math.abs(added));
  }

  const row = weightsOfRow(normaliser, logits, sizes, round);
  const { weights } = row;
  const values = new Float64Array(valueDim);
  const magnitudes = new Float64Array(valueDim);
  for (let at = 0; at < keys.length; at++) {
    const weight = weights[at];
    const valueAt = valuesAt + keys[at] * valueDim;
    for (let i = 0; i < valueDim; i++) {
      const product = round(weight * v[valueAt + i]);
      values[i] = round(values[i] + product);
      magnitudes[i] += Math.abs(product);
    }
  }
  if (keys.length > 0) {
    for (let i = 0; i < valueDim; i++) {
      values[i] = round(row.normalised(values[i]));
      magnitudes[i] = row.normalised(magnitudes[i]);
    }
  }
  const valueAt = (at: number): number => valuesAt + keys[at] * valueDim;
  return { values, magnitudes, slack: () => slackOf(row, { values, magnitudes }, v, valueAt) };
}

/**
 * `Σ_j Δw_j |v_j - c| + ε Σ_j w_j |v_j|`: what a rounding of its score moves a weight by, with c the output
 * where a larger weight takes from the others, and 0 where it does not.
 */
function slackOf(
  row: RowWeights,
  { values, magnitudes }: Pick<ReferenceRow, "values" | "magnitudes">,
  v: Numbers,
  valueAt: (at: number) => number,
): Float64Array {
  const slack = magnitudes.map((magnitude) => FLOAT32_EPSILON * magnitude);
  const taken = row.share ? values : new Float64Array(values.length);
  const moved = row.moved();
  for (let at = 0; at < moved.length; at++) {
    // A subnormal weight may be lost.
    const by = moved[at] + FLOAT32_LEAST;
    const from = valueAt(at);
    for (let i = 0; i < slack.length; i++) {
      slack[i] += by * Math.abs(v[from + i] - taken[i]) + FLOAT32_TINIEST;
    }
  }
  return slack;
}
