import { FLOAT32_EPSILON, FLOAT32_TINIEST } from "../../core/error-budget.ts";
import { float64, type ReferenceRow, type Rounding } from "../oracle.ts";
import { type Arithmetic, arithmeticOf, disturbed } from "./tape/arithmetic.ts";

/**
 * Rows whose slack is found by trying: the same is computed again with every result moved by as much as a rounding, at
 * random, and the numbers of a row share the most that any of them moved, since a few tries may all be lucky in one. Nothing
 * is tried unless somebody asks.
 */
export function triedRows(
  round: Rounding,
  tries: number,
  compute: (arithmetic: Arithmetic) => readonly Float64Array[],
): readonly ReferenceRow[] {
  let tried: ReadonlyArray<readonly Float64Array[]> | undefined;
  const others = (): ReadonlyArray<readonly Float64Array[]> => {
    tried ??= Array.from({ length: tries }, (_, seed) => compute(disturbed(seed)));
    return tried;
  };
  return compute(arithmeticOf(round)).map((values, index): ReferenceRow => {
    const slack = (): Float64Array => {
      if (round !== float64) throw new TypeError("gradient: slack belongs to the exact rows");
      return slackOf(
        values,
        others().map((all) => all[index]),
      );
    };
    return {
      values,
      // Where all cancels, what was there before is what roundings are relative to.
      get magnitudes() {
        const cancels = round === float64 && values.every((value) => value === 0);
        return cancels ? slack().map((one) => one / FLOAT32_EPSILON) : values.map(Math.abs);
      },
      slack,
    };
  });
}

function slackOf(exact: Float64Array, tries: readonly Float64Array[]): Float64Array {
  let most = 0;
  for (const tried of tries) {
    for (const [i, value] of exact.entries()) {
      const off = Math.abs(tried[i] - value);
      // NaN where the row itself is.
      if (off > most) most = off;
    }
  }
  return exact.map((value) => Math.max(most, FLOAT32_EPSILON * Math.abs(value), FLOAT32_TINIEST));
}
