import { FLOAT32_EPSILON } from "../../../core/error-budget.ts";
import { type Rounding, sumsOf } from "../../oracle.ts";
import { type Made, uncertain } from "./slope.ts";

/** `matrixᵀ of`, matrix `[rows, headDim]`: from projected channels back to those of a row. */
export function projectedBack(matrix: Float64Array, of: Made, headDim: number, round: Rounding): Made {
  const within = sumsOf(round);
  const to = uncertain(headDim);
  for (const [row, value] of of.values.entries()) {
    for (let c = 0; c < headDim; c++) {
      const weight = matrix[row * headDim + c];
      to.values[c] = within(to.values[c] + within(value * weight));
      to.moved[c] += (of.moved[row] + 2 * FLOAT32_EPSILON * Math.abs(value)) * Math.abs(weight);
    }
  }
  return to;
}
