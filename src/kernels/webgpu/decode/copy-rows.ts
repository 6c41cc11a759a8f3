import type { Shape } from "../../../core/shape.ts";
import { quadsOf } from "./step-shape.ts";

/** Rows of whole quads, as they lie on the device, become rows of a token's output. */
export function copyRows(values: Float32Array, out: Float32Array, { batch, heads, valueDim }: Shape): void {
  const row = 4 * quadsOf(valueDim);
  for (let head = 0; head < batch * heads; head++) {
    out.set(values.subarray(head * row, head * row + valueDim), head * valueDim);
  }
}
