import type { RowPlace } from "../../../core/rows.ts";
import { layoutOf, offsetIn } from "../../../core/shape.ts";
import type { AttentionInputs } from "../../../core/tensors.ts";

/** Row `place` of a tensor of a call. */
export function rowOf(
  inputs: AttentionInputs,
  name: "q" | "k" | "v",
  { batch, head, row }: RowPlace,
): Float64Array {
  const layout = layoutOf(inputs.shape, name);
  const at = offsetIn(layout, batch, head, row);
  return Float64Array.from(inputs[name].subarray(at, at + layout.width));
}

/** q·k of two rows. */
export function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, x, c) => sum + x * b[c], 0);
}

/** The sum of rows of v, each with a weight. */
export function weighted(
  inputs: AttentionInputs,
  weights: ReadonlyArray<readonly [weight: number, place: RowPlace]>,
): Float64Array {
  const sum = new Float64Array(inputs.shape.valueDim);
  for (const [weight, place] of weights) {
    for (const [j, x] of rowOf(inputs, "v", place).entries()) sum[j] += weight * x;
  }
  return sum;
}
