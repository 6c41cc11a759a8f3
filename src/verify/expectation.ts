import { type Dtype, formatOf, USUAL_DTYPE } from "../core/dtype.ts";
import { errorBudget, FLOAT32_LEAST } from "../core/error-budget.ts";
import { OUT, placeText, rowIn } from "../core/outputs.ts";
import type { RowPlace } from "../core/rows.ts";
import { isGradient } from "../mechanisms/gradient/declare.ts";
import type { JudgedProblem } from "../mechanisms/judged.ts";
import type { Oracle } from "../mechanisms/oracle.ts";
import { float64 } from "../mechanisms/oracle.ts";
import { outputsOf } from "../mechanisms/outputs.ts";
import { inPrecision, roundingIn } from "../mechanisms/reduced-oracle.ts";
import { distanceOf, type Fidelity } from "./fidelity.ts";
import { firstUnexpectedlyNotFinite, isHeld } from "./finiteness.ts";
import { type HandedChoice, onChoice } from "./handed-choice.ts";

/** What verification found. Green, or why not: the message names the row. */
export interface GateResult extends Fidelity {
  /** Absolute error of the element that came nearest to its budget, or went furthest over it. */
  readonly error: number;
  /** The error allowed in that element. */
  readonly budget: number;
  readonly rows: number;
  /** Rows of the output that were compared with another kernel's; 0 if none were. */
  readonly comparedRows: number;
  readonly failure: string | null;
}

/** The result of comparing rows with the reference. */
type Compared = Omit<GateResult, keyof Fidelity | "comparedRows">;

/** Expected rows of a problem: computed once, compared as often as wanted. */
export interface Expectation {
  /**
   * Where the oracle chooses, `handed` is what the kernel chose in the call that wrote the output, and the inputs must be
   * those of that call: what is expected is then computed on that choice.
   */
  compare(output: Float32Array, handed?: HandedChoice): Compared;
  /** Why a right output cannot be told from a wrong one; null if it can. */
  readonly unproven: string | null;
  /** The largest error of a pass of the reference in the precision of the call, in units of an element's slack. */
  readonly rounding: number;
  /** Relative Frobenius distance of the rows from those of `full`. */
  distance(output: Float32Array, full: readonly Float64Array[]): number;
}

/** A row that may differ by no more is told from any other, also where it is 0 itself, as by a rectifier. */
function nothingIn(dtype: Dtype): number {
  return Math.max(2 ** 20 * FLOAT32_LEAST, 16 * formatOf(dtype).tiniest);
}

/**
 * A row whose budget is a larger share of its size says nothing about what is in it. This is no tolerance, and cannot come from
 * the pass: the pass says how far the precision errs, which is the budget, and not how far a wrong definition is off, which is
 * what a row must tell from it. An error of the definition (no scale, another mask, a row early) is as large as the row.
 *
 * float32 and float16 stay far below a tenth: of gaussian numbers float16 has budgets of 0.3 to 1.5 % of a row. bfloat16, eight
 * times as coarse, has 2 to 12 % of a row, up to 12.3 % for full attention, so that a tenth would leave many of its rows
 * unproven. A fifth is above all of these, and an error of the definition is several times that. What a budget
 * lets through is another matter: the pass itself errs by 0.6 % of such a row, and a kernel 2 % wrong is green.
 */
const MOST_SHARE = {
  float32: { share: 0.1, text: "a tenth" },
  float16: { share: 0.1, text: "a tenth" },
  bfloat16: { share: 0.2, text: "a fifth" },
} as const satisfies Record<Dtype, { share: number; text: string }>;

/**
 * Computes the expected rows of a problem in float64, and the budget of each element by a pass in the
 * precision of the call, which is that of float32 unless it says otherwise. `knownRounding` is the error of that pass on
 * other rows of similar numbers: it is not repeated, and a single row may be lucky. `leastRounding` is its error on other numbers: a few rows may all be lucky.
 */
export function expectation(
  problem: JudgedProblem,
  oracle: Oracle,
  places: readonly RowPlace[],
  seed: number,
  knownRounding: number | null = null,
  leastRounding = 0,
): Expectation {
  const { dtype = USUAL_DTYPE } = problem;
  const outputs = outputsOf(problem);
  // On the choice of float64, of which nothing but the rounding is asked.
  const isAsked = oracle.on === undefined || knownRounding === null;
  const rows = isAsked ? expectRows(places, oracle, dtype, knownRounding) : [];
  const least = Math.max(leastRounding, isAsked ? 0 : (knownRounding ?? 0));
  const rounding = rows.reduce((most, row) => Math.max(most, row.rounding), least);

  return {
    rounding,
    unproven: whyUnproven(rows, problem, rounding),
    compare(output, handed = null) {
      const judged = onChoice(oracle, handed, places);
      if ("fault" in judged) {
        return { error: 0, budget: 0, rows: places.length, failure: `${judged.fault}; seed ${seed}` };
      }
      const told = judged.oracle === oracle ? rows : expectRows(places, judged.oracle, dtype, rounding);
      let worst = { ratio: -1, error: 0, budget: 0, failure: "" };
      for (const { place, expected, slack } of told) {
        const { at: offset, width } = rowIn(outputs, place);
        for (let column = 0; column < width; column++) {
          if (isBeyond(expected[column], dtype)) continue;
          const got = output[offset + column];
          const error = difference(got, expected[column]);
          const budget = errorBudget(slack[column], rounding);
          const ratio = error === 0 || error === Number.POSITIVE_INFINITY ? error : error / budget;
          if (ratio <= worst.ratio) continue;
          const where = `${placeText(place)}, column ${column}`;
          const over = `error ${error.toExponential(2)} over budget ${budget.toExponential(2)}`;
          const failure =
            ratio > 1 ? `${where}: got ${got}, expected ${expected[column]}; ${over}, seed ${seed}` : "";
          worst = { ratio, error, budget, failure };
        }
      }
      const unfinished = firstUnexpectedlyNotFinite(output, problem, judged.oracle, seed);
      const failure = unfinished ?? (worst.failure === "" ? null : worst.failure);
      return { error: worst.error, budget: worst.budget, rows: places.length, failure };
    },
    distance(output, full) {
      const own = places.map((place) => {
        const { at, width } = rowIn(outputs, place);
        return Float64Array.from(output.subarray(at, at + width));
      });
      return distanceOf(own, full);
    },
  };
}

interface ExpectedRow {
  readonly place: RowPlace;
  /** As wide as a row of its tensor, float64. */
  readonly expected: Float64Array;
  /** The same; infinite if the reference cannot say. */
  readonly slack: Float64Array;
  /** Its terms before anything cancels. */
  magnitudes(): Float64Array;
  /** The error of the pass in the precision of the call, in units of slack. */
  readonly rounding: number;
}

function expectRows(
  places: readonly RowPlace[],
  oracle: Oracle,
  dtype: Dtype,
  knownRounding: number | null,
): readonly ExpectedRow[] {
  const judging = inPrecision(oracle, dtype);
  const exact = judging.rows(places, float64);
  const rounded = knownRounding === null ? judging.rows(places, roundingIn(dtype)) : null;
  return places.map((place, index) => {
    const { values: expected } = exact[index];
    const slack = exact[index].slack().map((one) => (Number.isNaN(one) ? Number.POSITIVE_INFINITY : one));
    const rounding = knownRounding ?? roundingOf(expected, rounded?.[index].values ?? expected, slack);
    return { place, expected, slack, magnitudes: () => exact[index].magnitudes, rounding };
  });
}

/** The error of a rounded pass in a row, in units of slack. */
function roundingOf(expected: Float64Array, rounded: Float64Array, slack: Float64Array): number {
  let rounding = 0;
  for (const [i, value] of expected.entries()) {
    // A row that is not finite in the reference has no error to speak of.
    const error = Math.abs(rounded[i] - value) / slack[i];
    // If it overflows it says nothing about how exact a finite output should be.
    if (error > rounding && Number.isFinite(error)) rounding = error;
  }
  return rounding;
}

/**
 * If fewer than half of the rows tell a right output from a wrong one, or none in a head does, green would
 * mean nothing.
 */
function whyUnproven(
  rows: readonly ExpectedRow[],
  { dtype = USUAL_DTYPE, mechanism }: JudgedProblem,
  rounding: number,
): string | null {
  const telling = rows.filter((row) =>
    tells(row, { dtype, rounding, cancels: isGradient(mechanism) && row.place.tensor !== OUT }),
  );
  const heads = (some: readonly ExpectedRow[]) =>
    new Set(some.map(({ place }) => `${place.batch} ${place.head}`));
  if (2 * telling.length >= rows.length && heads(telling).size === heads(rows).size) return null;
  const dumb = rows.filter((row) => !telling.includes(row));
  const finite = dumb.filter(({ expected }) => expected.some((value) => isHeld(value, dtype))).length;
  const why =
    2 * finite < dumb.length
      ? `${dumb.length - finite} of ${rows.length} checked rows have no number in the reference itself that ${dtype} can hold`
      : `in ${finite} of ${rows.length} checked rows ${dtype} alone may err by more than ${MOST_SHARE[dtype].text} of the row`;
  return `${why}; scale q and k down, or remove what is not finite`;
}

/**
 * A row of a gradient may cancel, as that of a query that attends one key cancels to 0, or to next to nothing if its divisor
 * has an ε: and an error of the definition, such as a missing correction, is as large as its terms. It is told by those, and so
 * is any row of zeros.
 */
function tells(
  { expected, slack, magnitudes }: ExpectedRow,
  {
    dtype,
    rounding,
    cancels,
  }: { readonly dtype: Dtype; readonly rounding: number; readonly cancels: boolean },
): boolean {
  const sizes = cancels || expected.every((value) => value === 0) ? magnitudes() : expected;
  let size = 0;
  let allowed = 0;
  let finite = 0;
  for (const [i, value] of expected.entries()) {
    if (!isHeld(value, dtype)) continue;
    finite++;
    size += sizes[i] ** 2;
    allowed += errorBudget(slack[i], rounding) ** 2;
  }
  return (
    finite > 0 && Math.sqrt(allowed) <= Math.max(MOST_SHARE[dtype].share * Math.sqrt(size), nothingIn(dtype))
  );
}

/** Finite, and larger than any number of the dtype: a kernel may give infinity, or NaN on the way there. */
function isBeyond(exact: number, dtype: Dtype): boolean {
  return Number.isFinite(exact) && !isHeld(exact, dtype);
}

/**
 * |got - expected|, where the same infinity or NaN counts as no difference on both sides, and as infinite on
 * one.
 */
function difference(got: number, expected: number): number {
  if (Object.is(got, expected) || (Number.isNaN(got) && Number.isNaN(expected))) return 0;
  const error = Math.abs(got - expected);
  return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
}
