import { elementCount, overTokens, type Shape } from "../core/shape.ts";
import type { AttentionInputs } from "../core/tensors.ts";
import { thenUndo } from "./then-undo.ts";

/**
 * Calls `act` while the inputs hold other numbers: the tokens in reverse order, v negated. They stay within
 * their domain, and weights change, which negating q and k would not achieve.
 */
export function whileTurned<T>(inputs: AttentionInputs, act: () => T): T {
  turn(inputs);
  return thenUndo(act, () => turn(inputs));
}

/** Calls `act` while k and v are negated, and q is not. */
export function whileOthersAttended<T>({ k, v }: AttentionInputs, act: () => T): T {
  const negate = () => {
    for (const tensor of [k, v]) for (let at = 0; at < tensor.length; at++) tensor[at] = -tensor[at];
  };
  negate();
  return thenUndo(act, negate);
}

/** Reverses the tokens of every head and negates v. Its own inverse, to the bit. */
function turn({ shape, q, k, v }: AttentionInputs): void {
  const { batch, heads, length, headDim } = shape;
  const slice = length * headDim;
  for (const [tensor, sign] of [
    [q, 1],
    [k, 1],
    [v, -1],
  ] as const) {
    for (let from = 0; from < batch * heads * slice; from += slice) {
      // A token in the middle swaps with itself, and its v is still negated.
      for (let token = 0; 2 * token < length; token++) {
        const near = from + token * headDim;
        const far = from + (length - 1 - token) * headDim;
        for (let i = 0; i < headDim; i++) {
          const kept = tensor[near + i];
          tensor[near + i] = sign * tensor[far + i];
          tensor[far + i] = sign * kept;
        }
      }
    }
  }
}

/** Negates tokens `from … to - 1` in every head. Its own inverse, to the bit. */
export function negate({ shape, q, k, v }: AttentionInputs, from: number, to: number): void {
  const { batch, heads, length, headDim } = shape;
  for (const tensor of [q, k, v]) {
    for (let slice = 0; slice < batch * heads; slice++) {
      const end = (slice * length + to) * headDim;
      for (let at = (slice * length + from) * headDim; at < end; at++) tensor[at] = -tensor[at];
    }
  }
}

/** A copy with further tokens after the others in every head, all of whose numbers are `value`. */
export function lengthened(inputs: AttentionInputs, tokens: number, value: number): AttentionInputs {
  const { shape } = inputs;
  const longer: Shape = overTokens(shape, shape.length + tokens);
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
