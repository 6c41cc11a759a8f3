import type { Expectation } from "./expectation.ts";

/** Rows of what a variant approximates, mostly full softmax attention. */
export interface FullRows {
  /** Each `[valueDim]`, in float64. */
  readonly rows: readonly Float64Array[];
  /**
   * How far the mean of v over the same keys is from them, as `distanceOf` has it: what nearness is worth. It
   * takes no account of q and k at all.
   */
  readonly meanError: number;
}

/** How near an output is to what its variant approximates; null if that was not asked for. */
export interface Fidelity {
  /** Relative Frobenius distance over the checked rows. */
  readonly fidelityError: number | null;
  /** The same of the mean of v. */
  readonly meanFidelityError: number | null;
}

/** The fidelity of an output, in the rows that are expected of it. */
export function fidelityOf(expected: Expectation, output: Float32Array, full: FullRows | null): Fidelity {
  if (full === null) return { fidelityError: null, meanFidelityError: null };
  return { fidelityError: expected.distance(output, full.rows), meanFidelityError: full.meanError };
}

/** Relative Frobenius distance of some rows from others: `√(Σ|a - b|² / Σ|b|²)`. */
export function distanceOf(rows: readonly Float64Array[], others: readonly Float64Array[]): number {
  let apart = 0;
  let norm = 0;
  for (const [at, other] of others.entries()) {
    for (const [column, value] of other.entries()) {
      apart += (rows[at][column] - value) ** 2;
      norm += value ** 2;
    }
  }
  return apart === 0 ? 0 : Math.sqrt(apart / norm);
}
