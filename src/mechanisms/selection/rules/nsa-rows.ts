import { FLOAT32_EPSILON, FLOAT32_LEAST, FLOAT32_TINIEST } from "../../../core/error-budget.ts";
import type { ReferenceRow, Rounding } from "../../oracle.ts";
import type { PairScore } from "../../softmax-pattern/oracle-scores.ts";
import { weightsOfRow } from "../../softmax-pattern/oracle-weights.ts";
import type { Means } from "./means.ts";

/**
 * Softmax over the first `count` means: a row of zeros if there are none. `score` is that of a mean of keys, with the sum of
 * its terms before anything cancels.
 */
export function meansRow(
  { values: v, sizes }: Means,
  width: number,
  count: number,
  score: (mean: number) => PairScore,
  round: Rounding,
): ReferenceRow {
  const scores = Array.from({ length: count }, (_, mean) => score(mean));
  const row = weightsOfRow(
    undefined,
    Float64Array.from(scores, ({ value }) => value),
    () => Float64Array.from(scores, ({ size }) => size),
    round,
  );
  const values = new Float64Array(width);
  const magnitudes = new Float64Array(width);
  for (let mean = 0; mean < count; mean++) {
    for (let c = 0; c < width; c++) {
      values[c] = round(values[c] + round(row.weights[mean] * v[mean * width + c]));
      magnitudes[c] += row.weights[mean] * sizes[mean * width + c];
    }
  }
  for (let c = 0; c < width && count > 0; c++) {
    values[c] = round(row.normalised(values[c]));
    magnitudes[c] = row.normalised(magnitudes[c]);
  }
  return {
    values,
    magnitudes,
    slack() {
      const slack = magnitudes.map((magnitude) => FLOAT32_EPSILON * magnitude);
      for (const [mean, by] of row.moved().entries()) {
        for (let c = 0; c < width; c++) {
          slack[c] += (by + FLOAT32_LEAST) * Math.abs(v[mean * width + c] - values[c]) + FLOAT32_TINIEST;
        }
      }
      return slack;
    },
  };
}

/** A gate: the logistic function of a product, and how far float32 may move it. */
export interface Gate {
  readonly value: number;
  readonly moved: number;
}

export function gateOf({ value, size }: PairScore, round: Rounding): Gate {
  const gate = round(1 / round(1 + round(Math.exp(-value))));
  // The function is nowhere steeper than its value.
  return { value: gate, moved: FLOAT32_EPSILON * gate * (1 + (1 - gate) * (size + Math.abs(value))) };
}

/** A branch of a sum. */
export interface Branch {
  readonly gate: Gate;
  readonly row: ReferenceRow;
}

/** The sum of some rows, each times its gate. */
export function gatedSum(branches: readonly Branch[], width: number, round: Rounding): ReferenceRow {
  const values = new Float64Array(width);
  const magnitudes = new Float64Array(width);
  for (const { gate, row } of branches) {
    for (let c = 0; c < width; c++) {
      values[c] = round(values[c] + round(gate.value * row.values[c]));
      magnitudes[c] += gate.value * row.magnitudes[c];
    }
  }
  return {
    values,
    magnitudes,
    slack() {
      const slack = new Float64Array(width);
      for (const { gate, row } of branches) {
        const own = row.slack();
        for (let c = 0; c < width; c++) {
          const kept = (gate.moved + FLOAT32_EPSILON * gate.value + FLOAT32_LEAST) * Math.abs(row.values[c]);
          slack[c] += gate.value * own[c] + kept + FLOAT32_TINIEST;
        }
      }
      return slack;
    },
  };
}
