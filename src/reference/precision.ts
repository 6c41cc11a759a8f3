/** Rounds the result of every operation of a reference: the identity for float64, `Math.fround` for float32. */
export type Rounding = (exact: number) => number;

export const float64: Rounding = (exact) => exact;
export const float32: Rounding = Math.fround;

/** One row of a reference. */
export interface ReferenceRow {
  /** The row's output, `[headDim]`. */
  readonly values: Float64Array;
  /** The largest |logit| of the row, which says how much a rounding error in a logit is magnified; 0 where there are none. */
  readonly largestLogit: number;
}
