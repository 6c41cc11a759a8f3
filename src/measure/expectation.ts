import { errorBudget } from "../core/error-budget.ts";
import type { Problem } from "../core/problem.ts";
import { rowOffset } from "../core/shape.ts";
import { float32, float64 } from "../reference/precision.ts";
import type { Reference } from "../reference/reference.ts";
import { firstUnexpectedlyNotFinite } from "./finiteness.ts";
import type { RowPlace } from "./gate-rows.ts";

/** What the gate found. Green, or why not: the message names the row. */
export interface GateResult {
  /** Largest absolute error over the rows of the head that came nearest to its budget, or went furthest over it. */
  readonly error: number;
  /** What was allowed in that head. */
  readonly budget: number;
  readonly rows: number;
  /** Relative Frobenius distance to full softmax attention over the same rows; null where it was not asked for. */
  readonly fidelityError: number | null;
  readonly failure: string | null;
}

/** Expected rows of a problem: computed once, compared as often as wanted. */
export interface Expectation {
  compare(output: Float32Array): Omit<GateResult, "fidelityError">;
  /** What is allowed in the worst-conditioned head. */
  readonly largestBudget: number;
  /** Relative Frobenius distance of the rows from those of `full`. */
  distance(output: Float32Array, full: readonly Float64Array[]): number;
}

/** Computes the expected rows of a problem in float64, and the budget of each head by a float32 pass. */
export function expectation(
  problem: Problem,
  reference: Reference,
  places: readonly RowPlace[],
  seed: number,
): Expectation {
  const { shape } = problem;
  const rows = places.map((place) => expectRow(place, reference));
  const heads = Map.groupBy(rows, ({ place }) => place.batch * shape.heads + place.head);
  const budgets = new Map<ExpectedRow, number>();
  for (const inHead of heads.values()) {
    const budget = errorBudget({
      float32Error: Math.max(...inHead.map((row) => row.float32Error)),
      magnified: Math.max(...inHead.map((row) => row.magnified)),
    });
    for (const row of inHead) budgets.set(row, budget);
  }

  return {
    largestBudget: Math.max(...budgets.values()),
    compare(output) {
      let worst = { ratio: -1, error: 0, budget: 0, failure: "" };
      for (const [row, budget] of budgets) {
        const { batch, head, row: query } = row.place;
        const offset = rowOffset(shape, batch, head, query);
        for (let column = 0; column < shape.headDim; column++) {
          const got = output[offset + column];
          const expected = row.expected[column];
          const error = difference(got, expected);
          const ratio = error === 0 ? 0 : error / budget;
          if (ratio <= worst.ratio) continue;
          const where = `row ${query} of batch ${batch}, head ${head}, column ${column}`;
          const over = `error ${error.toExponential(2)} over budget ${budget.toExponential(2)}`;
          const failure =
            ratio > 1 ? `${where}: got ${got}, expected ${expected}; ${over}, seed ${seed}` : "";
          worst = { ratio, error, budget, failure };
        }
      }
      const unfinished = firstUnexpectedlyNotFinite(output, shape, reference, seed);
      const failure = unfinished ?? (worst.failure === "" ? null : worst.failure);
      return { error: worst.error, budget: worst.budget, rows: places.length, failure };
    },
    distance(output, full) {
      let apart = 0;
      let norm = 0;
      for (const [at, { batch, head, row }] of places.entries()) {
        const offset = rowOffset(shape, batch, head, row);
        for (let column = 0; column < shape.headDim; column++) {
          apart += (output[offset + column] - full[at][column]) ** 2;
          norm += full[at][column] ** 2;
        }
      }
      return apart === 0 ? 0 : Math.sqrt(apart / norm);
    },
  };
}

interface ExpectedRow {
  readonly place: RowPlace;
  /** `[headDim]`, float64. */
  readonly expected: Float64Array;
  readonly float32Error: number;
  readonly magnified: number;
}

function expectRow(place: RowPlace, reference: Reference): ExpectedRow {
  const { batch, head, row } = place;
  const exact = reference(batch, head, row, float64);
  const rounded = reference(batch, head, row, float32);
  let float32Error = 0;
  let magnitude = 0;
  for (const [i, value] of exact.values.entries()) {
    // A row that is not finite in the reference has no error to speak of.
    if (!Number.isFinite(value)) continue;
    magnitude = Math.max(magnitude, exact.magnitudes[i]);
    const error = Math.abs(rounded.values[i] - value);
    // Where float32 overflows it says nothing about how exact a finite output should be.
    if (error > float32Error && Number.isFinite(error)) float32Error = error;
  }
  return { place, expected: exact.values, float32Error, magnified: magnitude * (1 + exact.amplification) };
}

/** |got - expected|, where the same infinity or NaN on both sides is no difference and on one side is infinite. */
function difference(got: number, expected: number): number {
  if (Object.is(got, expected) || (Number.isNaN(got) && Number.isNaN(expected))) return 0;
  const error = Math.abs(got - expected);
  return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
}
