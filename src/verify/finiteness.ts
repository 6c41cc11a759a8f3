import { type Dtype, formatOf } from "../core/dtype.ts";
import type { Problem } from "../core/problem.ts";
import type { Oracle } from "../mechanisms/oracle.ts";
import { float64 } from "../mechanisms/oracle.ts";

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
  { shape, dtype }: Problem,
  oracle: Oracle,
  seed: number,
): string | null {
  const { valueDim, queries, heads } = shape;
  let checked = -1;
  let rowsLookedAt = 0;
  for (let index = 0; index < output.length; index++) {
    if (Number.isFinite(output[index])) continue;
    const flatRow = Math.floor(index / valueDim);
    if (flatRow === checked) continue;
    checked = flatRow;
    if (rowsLookedAt++ >= MOST_ROWS) return null;
    const row = flatRow % queries;
    const head = Math.floor(flatRow / queries) % heads;
    const batch = Math.floor(flatRow / (queries * heads));
    const [{ values: expected }] = oracle.rows([{ batch, head, row }], float64);
    for (let column = 0; column < valueDim; column++) {
      const got = output[flatRow * valueDim + column];
      if (Number.isFinite(got) || !isHeld(expected[column], dtype)) continue;
      const why = Number.isNaN(got) ? "NaN (never written, or computed as such)" : String(got);
      return `row ${row} of batch ${batch}, head ${head}, column ${column}: got ${why}, expected ${expected[column]}; seed ${seed}`;
    }
  }
  return null;
}
