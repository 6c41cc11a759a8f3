import { FLOAT32_EPSILON, FLOAT32_LEAST, FLOAT32_TINIEST } from "../../core/error-budget.ts";
import type { ExactProblem } from "../../core/problem.ts";
import { kvHeadOf, layoutOf, offsetIn } from "../../core/shape.ts";
import { type AttentionInputs, type Numbers, tensorNamed } from "../../core/tensors.ts";
import { BIAS_TABLE, bindBiases } from "../../pairwise/bind-biases.ts";
import { bindHeads } from "../../pattern/bind.ts";
import type { Oracle, ReferenceRow, Rounding } from "../oracle.ts";
import type { SoftmaxPattern } from "./declare.ts";
import { distanceSum, type KeyRows, weightedSum } from "./key-sums.ts";
import { type KeyScores, scoresOf } from "./oracle-scores.ts";
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
  return {
    rows(places, round) {
      // Made anew, since inputs may hold other numbers the next time.
      const scores = scoresOf(problem);
      return places.map(({ batch, head, row: query }) => {
        const bias = biases?.[head];
        return pairsRow(inputs, mechanism, {
          batch,
          head,
          round,
          attends: (key) => patterns[head].attends(query, key),
          scores: scores(batch, head, query, round),
          bias: bias === undefined ? null : (key) => bias.at(query + first, key),
        });
      });
    },
  };
}

/** One row of the output, and how to ask about its pairs. */
export interface AskedRow {
  readonly batch: number;
  readonly head: number;
  readonly round: Rounding;
  attends(key: number): boolean;
  scores(keys: Int32Array): KeyScores;
  /** What is added to a score; null if nothing is to any. */
  readonly bias: ((key: number) => number) | null;
}

/**
 * A row by the definition: the scores of the keys that it attends, what is added to them, and the values by
 * their weights. O(N·d) time, O(N) memory. An empty row is zero.
 */
export function pairsRow(
  { v, shape }: Pick<AttentionInputs<Numbers>, "v" | "shape">,
  { normaliser }: Pick<SoftmaxPattern, "normaliser">,
  { batch, head, round, attends, scores, bias }: AskedRow,
): ReferenceRow {
  const { length, valueDim } = shape;
  const at = offsetIn(layoutOf(shape, "v"), batch, kvHeadOf(shape, head), 0);
  const keys = attendedOf(length, attends);
  const { logits, sizes } = withBias(scores(keys), keys, bias, round);
  const row = weightsOfRow(normaliser, logits, sizes, round);
  const rows: KeyRows = { from: v, at, width: valueDim, keys };
  const values = weightedSum(row.weights, rows, round);
  if (keys.length > 0) for (let i = 0; i < valueDim; i++) values[i] = round(row.normalised(values[i]));
  const magnitudes = (): Float64Array => {
    const sums = distanceSum(row.weights, rows, null);
    return keys.length === 0 ? sums : sums.map((sum) => row.normalised(sum));
  };
  return {
    values,
    get magnitudes() {
      return magnitudes();
    },
    slack: () => slackOf(row, values, magnitudes(), rows),
  };
}

/** The keys among so many that a row attends. */
export function attendedOf(length: number, attends: (key: number) => boolean): Int32Array {
  const keys = new Int32Array(length);
  let count = 0;
  for (let key = 0; key < length; key++) if (attends(key)) keys[count++] = key;
  return keys.subarray(0, count);
}

/** Scores with what is added to them. */
export function withBias(
  { values, sizes }: KeyScores,
  keys: Int32Array,
  bias: AskedRow["bias"],
  round: Rounding,
): { readonly logits: Float64Array; sizes(): Float64Array } {
  if (bias === null) return { logits: values, sizes };
  // Loops, here as below: what typed arrays have for it took most of the time of short rows.
  const added = new Float64Array(keys.length);
  const logits = new Float64Array(keys.length);
  for (let at = 0; at < keys.length; at++) {
    added[at] = bias(keys[at]);
    logits[at] = round(values[at] + round(added[at]));
  }
  return {
    logits,
    sizes() {
      const all = sizes();
      return all.map((size, at) => size + Math.abs(added[at]));
    },
  };
}

/**
 * `Σ_j Δw_j |v_j - c| + ε Σ_j w_j |v_j|`: what a rounding of its score moves a weight by, with c the output
 * where a larger weight takes from the others, and 0 where it does not.
 */
function slackOf(
  row: RowWeights,
  values: Float64Array,
  magnitudes: Float64Array,
  rows: KeyRows,
): Float64Array {
  // A subnormal weight may be lost.
  const moved = row.moved().map((by) => by + FLOAT32_LEAST);
  const off = distanceSum(moved, rows, row.share ? values : null);
  const lost = rows.keys.length * FLOAT32_TINIEST;
  return magnitudes.map((magnitude, i) => FLOAT32_EPSILON * magnitude + off[i] + lost);
}
