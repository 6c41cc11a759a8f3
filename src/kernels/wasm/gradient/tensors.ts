import type { Problem } from "../../../core/problem.ts";
import { FLOAT_BYTES } from "../../../core/shape.ts";
import { type AttentionInputs, tensorNamed } from "../../../core/tensors.ts";
import { DOUT } from "../../../mechanisms/gradient/declare.ts";
import { GUARD } from "../../kernel.ts";
import { Arena } from "../arena.ts";

/** The tensors of a gradient in one arena: copies, if they are not in one already. */
export interface GradientTensors {
  readonly arena: Arena;
  readonly inputs: AttentionInputs;
  readonly dout: Float32Array;
  /** All that the call gives, one after the other. */
  readonly output: Float32Array;
  /** Where inputs are read, if not in place: for the `Runnable`. */
  readonly copied: { inputs?: () => AttentionInputs };
}

export function gradientTensors({ inputs }: Problem, output: Float32Array): GradientTensors {
  const dout = tensorNamed(inputs, DOUT);
  const home = Arena.of([inputs.q, inputs.k, inputs.v, dout, output]);
  if (home !== undefined) return { arena: home, inputs, dout, output, copied: {} };
  const arena = new Arena();
  const room = (count: number): Float32Array => arena.floats(arena.reserve(count * FLOAT_BYTES).start, count);
  const copy = (values: Float32Array): Float32Array => {
    const to = room(values.length);
    to.set(values);
    return to;
  };
  const ownDout = copy(dout);
  const copies = { ...inputs, q: copy(inputs.q), k: copy(inputs.k), v: copy(inputs.v), [DOUT]: ownDout };
  const guarded = room(output.length + 2 * GUARD).subarray(GUARD, GUARD + output.length);
  return { arena, inputs: copies, dout: ownDout, output: guarded, copied: { inputs: () => copies } };
}
