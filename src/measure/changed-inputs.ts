import { elementCount, type Shape } from "../core/shape.ts";
import type { AttentionInputs } from "../core/tensors.ts";

/** Calls `act` while tokens `from … to - 1`, all where they are left out, hold other numbers: their own, negated. */
export function whileNegated<T>(
  inputs: AttentionInputs,
  act: () => T,
  from = 0,
  to = inputs.shape.length,
): T {
  negate(inputs, from, to);
  try {
    return act();
  } finally {
    negate(inputs, from, to);
  }
}

/** Negates tokens `from … to - 1` in every head. Undoes itself to the bit. */
export function negate({ shape, q, k, v }: AttentionInputs, from: number, to: number): void {
  const { batch, heads, length, headDim } = shape;
  for (const tensor of [q, k, v]) {
    for (let slice = 0; slice < batch * heads; slice++) {
      const end = (slice * length + to) * headDim;
      for (let at = (slice * length + from) * headDim; at < end; at++) tensor[at] = -tensor[at];
    }
  }
}

/** A copy with so many tokens more behind the others in every head, all of whose numbers are `value`. */
export function lengthened(inputs: AttentionInputs, tokens: number, value: number): AttentionInputs {
  const { shape } = inputs;
  const longer: Shape = { ...shape, length: shape.length + tokens };
  const own = shape.length * shape.headDim;
  const copy = (from: Float32Array): Float32Array => {
    const to = new Float32Array(elementCount(longer)).fill(value);
    for (let slice = 0; slice < shape.batch * shape.heads; slice++) {
      to.set(from.subarray(slice * own, (slice + 1) * own), slice * longer.length * shape.headDim);
    }
    return to;
  };
  return { shape: longer, q: copy(inputs.q), k: copy(inputs.k), v: copy(inputs.v) };
}
