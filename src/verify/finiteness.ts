import { type Dtype, formatOf } from "../core/dtype.ts";
import { placeAt, placeText, rowIn } from "../core/outputs.ts";
import type { JudgedProblem } from "../mechanisms/judged.ts";
import type { Oracle } from "../mechanisms/oracle.ts";
import { float64 } from "../mechanisms/oracle.ts";
import { outputsOf } from "../mechanisms/outputs.ts";

/** Whether a number is finite, and its dtype can hold it: of others nothing can be expected. */
export function isHeld(exact: number, dtype: Dtype | undefined): boolean {
  return Number.isFinite(formatOf(dtype).round(exact));
}

/** The most reference rows computed for it: inputs full of NaN would ask for all of them. */
const MOST_ROWS = 64;

/**
 * Every element of the output must be finite unless the reference's is not; the first that breaks this, as a
 * message.
 */
export function firstUnexpectedlyNotFinite(
  output: Float32Array,
  problem: JudgedProblem,
  oracle: Oracle,
  seed: number,
): string | null {
  const { dtype } = problem;
  const outputs = outputsOf(problem);
  let rowsLookedAt = 0;
  for (let index = 0; index < output.length; index++) {
    if (Number.isFinite(output[index])) continue;
    if (rowsLookedAt++ >= MOST_ROWS) return null;
    const place = placeAt(outputs, index);
    const { at, width } = rowIn(outputs, place);
    const [{ values: expected }] = oracle.rows([place], float64);
    for (let column = 0; column < width; column++) {
      const got = output[at + column];
      if (Number.isFinite(got) || !isHeld(expected[column], dtype)) continue;
      const why = Number.isNaN(got) ? "NaN (never written, or computed as such)" : String(got);
      return `${placeText(place)}, column ${column}: got ${why}, expected ${expected[column]}; seed ${seed}`;
    }
    index = at + width - 1;
  }
  return null;
}
