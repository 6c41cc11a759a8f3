import type { Shape } from "../core/shape.ts";
import type { RowPlace } from "../measure/gate-rows.ts";

/**
 * The row in which two outputs `[batch, heads, length, headDim]` of the same numbers differ most, if that is by more than
 * `allowed`; null where they agree. The reference can look at some rows only: where two kernels agree on all of them, an
 * error in one of the others would have to be in both.
 */
export function unlikeRow(
  a: Float32Array,
  b: Float32Array,
  { heads, length, headDim }: Shape,
  allowed: number,
): RowPlace | null {
  let worst = allowed;
  let at = -1;
  for (let index = 0; index < a.length; index++) {
    const difference = distance(a[index], b[index]);
    if (difference <= worst) continue;
    worst = difference;
    at = index;
  }
  if (at === -1) return null;
  const row = Math.floor(at / headDim);
  const slice = Math.floor(row / length);
  return { batch: Math.floor(slice / heads), head: slice % heads, row: row % length };
}

/** Equal infinities, and two that are no numbers, agree. */
function distance(a: number, b: number): number {
  if (Object.is(a, b) || a === b) return 0;
  const difference = Math.abs(a - b);
  return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
}
