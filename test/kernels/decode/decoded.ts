import type { Problem, Task } from "../../../src/core/problem.ts";
import {
  elementCount,
  layoutOf,
  offsetIn,
  overTokens,
  type Shape,
  type TensorName,
} from "../../../src/core/shape.ts";
import type { AttentionInputs } from "../../../src/core/tensors.ts";
import { builtInKernels } from "../../../src/kernels/index.ts";
import type { Kernel } from "../../../src/kernels/kernel.ts";
import type { DecodeKernel, Stepper, Token } from "../../../src/kernels/stepper.ts";
import { BUILD_NAMES } from "../../../src/kernels/wasm/build.ts";
import { createWasm } from "../../../src/kernels/wasm/index.ts";

/** Kernels that decode, each build of wasm for itself. */
export const decodingKernels: ReadonlyArray<{ readonly name: string; readonly decode: DecodeKernel }> = [
  ...BUILD_NAMES.map((name): readonly [string, Kernel] => [`wasm ${name}`, createWasm(name)]),
  ...builtInKernels()
    .filter(({ id }) => id !== "wasm")
    .map((kernel): readonly [string, Kernel] => [kernel.id, kernel]),
].flatMap(([name, { decode }]) => (decode === undefined ? [] : [{ name, decode }]));

/** What a task is without its numbers. */
export function taskOf({ mechanism, shape, causal, threads }: Problem): Task {
  return { mechanism, shape, causal, threads };
}

/** Floats before and after each array of a token that nobody may touch. */
const CANARIES = 16;
const CANARY = 12345.678;

/** A token of which every array lies between canaries, the output full of NaN. */
export function guardedToken(shape: Shape): Token {
  const guarded = (name: TensorName): Float32Array => {
    const count = elementCount(overTokens(shape, 1), name);
    const whole = new Float32Array(count + 2 * CANARIES).fill(CANARY);
    return whole.subarray(CANARIES, CANARIES + count).fill(Number.NaN);
  };
  return { q: guarded("q"), k: guarded("k"), v: guarded("v"), out: guarded("output") };
}

/** Whether somebody wrote outside of a token's arrays. */
function canariesDied(token: Token): boolean {
  return [token.q, token.k, token.v, token.out].some((array) => {
    const whole = new Float32Array(array.buffer);
    const outside = [...whole.subarray(0, CANARIES), ...whole.subarray(CANARIES + array.length)];
    return outside.some((value) => value !== Math.fround(CANARY));
  });
}

/** Copies token `position` of the inputs into `token`. */
export function fetchToken({ shape, q, k, v }: AttentionInputs, position: number, token: Token): void {
  for (const [name, tensor] of Object.entries({ q, k, v })) {
    const row = rowsOf(shape, name as "q" | "k" | "v", position);
    for (const { slice, at, width } of row) {
      token[name as "q" | "k" | "v"].set(tensor.subarray(at, at + width), slice * width);
    }
  }
}

/** Where row `position` of each head of each batch entry begins. */
function rowsOf(shape: Shape, name: TensorName, position: number) {
  const layout = layoutOf(shape, name);
  const { batch, heads, width } = layout;
  return Array.from({ length: batch * heads }, (_, slice) => {
    return { slice, width, at: offsetIn(layout, Math.floor(slice / heads), slice % heads, position) };
  });
}

/** Steps through tokens up to `to` and writes their rows into `output`, `[batch, heads, length, valueDim]`. */
export function stepTo(stepper: Stepper, inputs: AttentionInputs, to: number, output: Float32Array): void {
  const { shape } = inputs;
  const token = guardedToken(shape);
  while (stepper.position < to) {
    const { position } = stepper;
    fetchToken(inputs, position, token);
    token.out.fill(Number.NaN);
    stepper.step(token);
    if (stepper.position !== position + 1)
      throw new Error(`a step at ${position} led to ${stepper.position}`);
    for (const { slice, at, width } of rowsOf(shape, "output", position)) {
      output.set(token.out.subarray(slice * width, (slice + 1) * width), at);
    }
  }
  if (canariesDied(token)) throw new Error("a step wrote outside of the token's arrays");
}

/** The whole sequence of a problem, token by token. */
export function decoded(problem: Problem, decode: DecodeKernel): Float32Array {
  const stepper = decode.prepare(taskOf(problem));
  const output = new Float32Array(elementCount(problem.shape, "output")).fill(Number.NaN);
  stepTo(stepper, problem.inputs, problem.shape.length, output);
  stepper.dispose();
  return output;
}
