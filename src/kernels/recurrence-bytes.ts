import { callBytes, FLOAT_BYTES, type Shape } from "../core/shape.ts";
import type { Recurrence } from "../mechanisms/recurrence/declare.ts";

/** Bytes of a pass that reads q, k, v and the gates that are given once, and writes the output. */
export function recurrenceBytes({ decay, write }: Recurrence, shape: Shape): number {
  const { batch, heads, length, headDim } = shape;
  const decays = decay.form === "given" ? (decay.per === "token" ? 1 : headDim) : 0;
  const writes = write.form === "given" || write.form === "given-step" ? 1 : 0;
  return callBytes(shape) + FLOAT_BYTES * batch * heads * length * (decays + writes);
}
