import type { Choice } from "../core/choice.ts";
import type { RowPlace } from "../core/rows.ts";

/**
 * Rounds the result of every operation of a reference: the identity for float64, `Math.fround` for float32.
 */
export interface Rounding {
  (exact: number): number;
  /**
   * That of sums, of the products that they are made of and of what is kept from token to token, if another: what is
   * computed in half precision adds up in float32.
   */
  readonly sums?: Rounding;
}

export const float64: Rounding = (exact) => exact;
export const float32: Rounding = Math.fround;

/** The rounding of sums. */
export function sumsOf(round: Rounding): Rounding {
  return round.sums ?? round;
}

/** One row of a reference. */
export interface ReferenceRow {
  /** The row's output, `[valueDim]`. */
  readonly values: Float64Array;
  /**
   * Its sums before anything cancels, `Σ_j w_j |v_j| / Σ_j w_j`, `[valueDim]`; or more, where sums are made of sums.
   */
  readonly magnitudes: Float64Array;
  /**
   * How far one float32 rounding of each number that goes into a weight, and of each product that is summed,
   * may move the output, `[valueDim]`.
   */
  slack(): Float64Array;
}

/** What the outputs of a problem are compared with. */
export interface Oracle {
  /**
   * These rows of the output in the requested precision, in one pass over the tokens if the mathematics is
   * recurrent: then one row costs as much as all rows.
   */
  rows(places: readonly RowPlace[], round: Rounding): readonly ReferenceRow[];
  /**
   * If the mathematics chooses what each row reads: the same on what a kernel says that it chose. Then `rows` without that
   * is on the choice of float64. Omitted if nothing is chosen.
   */
  on?(choice: Choice): ChosenOracle;
}

/** A reference on the choice that a kernel says it made. */
export interface ChosenOracle extends Oracle {
  /**
   * Why these rows' choice cannot be right: it is malformed, or another was better by more than float32 explains. Null if it
   * can be.
   */
  whyNotChoice(places: readonly RowPlace[]): string | null;
}

/** An oracle whose rows are each computed by themselves. */
export function rowByRow(
  row: (batch: number, head: number, query: number, round: Rounding) => ReferenceRow,
): Oracle {
  return {
    rows: (places, round) => places.map(({ batch, head, row: query }) => row(batch, head, query, round)),
  };
}
