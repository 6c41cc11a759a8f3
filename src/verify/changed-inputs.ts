import { countOf, isSelfAttention, overTokens, type Shape } from "../core/shape.ts";
import type { AttentionInputs } from "../core/tensors.ts";
import { type InputTensor, type JudgedInputs, tokenTensors, weightTensors } from "../mechanisms/judged.ts";
import { thenUndo } from "./then-undo.ts";

/**
 * Calls `act` while the inputs hold other numbers: the tokens in reverse order, v negated. They stay within
 * their domain, and weights change, which negating q and k would not achieve.
 */
export function whileTurned<T>(problem: JudgedInputs, act: () => T): T {
  const tensors = tokenTensors(problem);
  const turn = () => {
    for (const tensor of tensors) reverse(tensor, tensor.name === "v" ? -1 : 1);
  };
  turn();
  return thenUndo(act, turn);
}

/** The same while what belongs to the layer holds other numbers too: each of its tensors in reverse order. */
export function whileAllTurned<T>(problem: JudgedInputs, act: () => T): T {
  const weights = weightTensors(problem);
  const turn = () => {
    for (const tensor of weights) turnWeights(tensor);
  };
  turn();
  return thenUndo(() => whileTurned(problem, act), turn);
}

/** All numbers in reverse order, but for what stays at the end of its row. Its own inverse, to the bit. */
function turnWeights({ values, layout, tail = 0 }: InputTensor): void {
  values.reverse();
  if (tail === 0) return;
  for (let at = 0; at < values.length; at += layout.width) {
    const row = values.subarray(at, at + layout.width);
    // What was at its end stands reversed at its beginning.
    const ends = row.slice(0, tail).reverse();
    row.copyWithin(0, tail);
    row.set(ends, layout.width - tail);
  }
}

/** Calls `act` while k and v are negated, and q is not. */
export function whileOthersAttended<T>({ k, v }: AttentionInputs, act: () => T): T {
  const negate = () => {
    for (const tensor of [k, v]) for (let at = 0; at < tensor.length; at++) tensor[at] = -tensor[at];
  };
  negate();
  return thenUndo(act, negate);
}

/** Reverses the rows of every head, and multiplies by a sign. Its own inverse, to the bit. */
function reverse({ values, layout }: InputTensor, sign: 1 | -1): void {
  const { rows, width } = layout;
  const slice = rows * width;
  for (let from = 0; from < countOf(layout); from += slice) {
    // A row in the middle swaps with itself, and its v is still negated.
    for (let row = 0; 2 * row < rows; row++) {
      const near = from + row * width;
      const far = from + (rows - 1 - row) * width;
      for (let i = 0; i < width; i++) {
        const kept = values[near + i];
        values[near + i] = sign * values[far + i];
        values[far + i] = sign * kept;
      }
    }
  }
}

/**
 * Makes q, k and v of tokens `from … to - 1` in every head others than they were, by negating them. Its own
 * inverse, to the bit.
 */
export function negate(problem: JudgedInputs, from: number, to: number): void {
  for (const { name, values, layout } of tokenTensors(problem)) {
    if (!(name === "q" || name === "k" || name === "v")) continue;
    const { batch, heads, rows, width } = layout;
    for (let slice = 0; slice < batch * heads; slice++) {
      const end = (slice * rows + to) * width;
      for (let at = (slice * rows + from) * width; at < end; at++) values[at] = -values[at];
    }
  }
}

/**
 * A copy with further tokens after the others in every head, all of whose numbers are `value`. Queries are
 * the same tokens.
 */
export function lengthened<P extends JudgedInputs>(problem: P, tokens: number, value: number): P {
  const { inputs } = problem;
  const { shape } = inputs;
  if (!isSelfAttention(shape)) throw new RangeError("lengthened: queries must be the tokens");
  const longer: Shape = overTokens(shape, shape.length + tokens);
  const copies = tokenTensors(problem).map(({ name, values, layout }) => {
    const { batch, heads, rows, width } = layout;
    const to = new Float32Array(batch * heads * (rows + tokens) * width).fill(value);
    for (let slice = 0; slice < batch * heads; slice++) {
      to.set(
        values.subarray(slice * rows * width, (slice + 1) * rows * width),
        slice * (rows + tokens) * width,
      );
    }
    return [name, to] as const;
  });
  return { ...problem, inputs: { ...inputs, ...Object.fromEntries(copies), shape: longer } };
}
