import type { Choice } from "../../../src/core/choice.ts";
import type { Problem, Task } from "../../../src/core/problem.ts";
import {
  elementCount,
  type Layout,
  layoutOf,
  offsetIn,
  overTokens,
  QKV,
  type Shape,
  type TensorName,
} from "../../../src/core/shape.ts";
import type { AttentionInputs } from "../../../src/core/tensors.ts";
import { builtInKernels } from "../../../src/kernels/index.ts";
import type { Kernel } from "../../../src/kernels/kernel.ts";
import type { DecodeKernel, Stepper, Token } from "../../../src/kernels/stepper.ts";
import { supportsSteps } from "../../../src/kernels/supports-mode.ts";
import { BUILD_NAMES } from "../../../src/kernels/wasm/build.ts";
import { createWasm } from "../../../src/kernels/wasm/index.ts";
import type { JudgedProblem } from "../../../src/mechanisms/judged.ts";
import { weightsOf } from "../../../src/mechanisms/judged.ts";
import { builtInKinds } from "../../../src/mechanisms/kinds.ts";
import type { HandedChoice } from "../../../src/verify/handed-choice.ts";
import { stepChoices } from "../../../src/verify/step-choices.ts";
import { isDefined } from "../arbitrary-problems.ts";

/** A kernel that decodes. */
export interface DecodingKernel {
  readonly name: string;
  readonly kernel: Kernel;
  readonly decode: DecodeKernel;
}

/** Kernels that decode, each build of wasm for itself. */
export const decodingKernels: readonly DecodingKernel[] = [
  ...BUILD_NAMES.map((name): readonly [string, Kernel] => [`wasm ${name}`, createWasm(name)]),
  ...builtInKernels()
    .filter(({ id }) => id !== "wasm")
    .map((kernel): readonly [string, Kernel] => [kernel.id, kernel]),
].flatMap(([name, kernel]) => {
  const { decode } = kernel;
  return decode === undefined ? [] : [{ name, kernel, decode }];
});

/** Whether a kernel decodes a problem. */
export function decodes({ kernel }: DecodingKernel, problem: Problem): boolean {
  return isDefined(builtInKinds.judged(problem)) && supportsSteps(kernel, taskOf(problem)) === true;
}

/** Prepares to decode a problem, with what its layer learned. */
export function prepareSteps(decode: DecodeKernel, problem: Problem): Stepper {
  return decode.prepare(taskOf(problem), weightsOf(builtInKinds.judged(problem)));
}

/** What a task is without its numbers. */
export function taskOf({ mechanism, shape, causal, threads }: Problem): Task {
  return { mechanism, shape, causal, threads };
}

/** Floats before and after each array of a token that nobody may touch. */
const CANARIES = 16;
const CANARY = 12345.678;

/** A token of which every array lies between canaries, all of them full of NaN. */
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
export function fetchToken(inputs: AttentionInputs, position: number, token: Token): void {
  for (const name of QKV) {
    const layout = layoutOf(inputs.shape, name);
    eachRow(layout, position, (at, within) => {
      token[name].set(inputs[name].subarray(at, at + layout.width), within);
    });
  }
}

/** Calls with where each head's row of one token lies in a tensor, and in the token. */
function eachRow(layout: Layout, row: number, act: (at: number, within: number) => void): void {
  for (let slice = 0; slice < layout.batch * layout.heads; slice++) {
    act(offsetIn(layout, 0, slice, row), slice * layout.width);
  }
}

/** What steppers chose for the rows of an output, by position. */
const chosen = new WeakMap<Float32Array, Map<number, Choice>>();

function note(output: Float32Array, position: number, { choice }: Stepper): void {
  if (choice === undefined) return;
  const rows = chosen.get(output) ?? new Map<number, Choice>();
  chosen.set(output, rows);
  const arrays = Object.entries(choice()).map(([name, array]) => [name, array.slice()] as const);
  rows.set(position, Object.fromEntries(arrays));
}

/** What was chosen for the rows of an output that `stepTo` wrote, -1 for others; null if nothing is chosen. */
export function chosenIn(problem: JudgedProblem, output: Float32Array): HandedChoice {
  const rows = chosen.get(output) ?? new Map<number, Choice>();
  let asked: Choice = {};
  const choices = stepChoices(problem, { choice: () => asked });
  for (const [position, choice] of rows) {
    asked = choice;
    choices.note(position, output);
  }
  return choices.handed();
}

/** Steps through tokens up to `to` and writes their rows into `output`, `[batch, heads, length, valueDim]`. */
export function stepTo(stepper: Stepper, inputs: AttentionInputs, to: number, output: Float32Array): void {
  const { shape } = inputs;
  const layout = layoutOf(shape, "output");
  const token = guardedToken(shape);
  while (stepper.position < to) {
    const { position } = stepper;
    fetchToken(inputs, position, token);
    token.out.fill(Number.NaN);
    stepper.step(token);
    note(output, position, stepper);
    if (stepper.position !== position + 1)
      throw new Error(`a step at ${position} led to ${stepper.position}`);
    eachRow(layout, position, (at, within) => {
      output.set(token.out.subarray(within, within + layout.width), at);
    });
  }
  if (canariesDied(token)) throw new Error("a step wrote outside of the token's arrays");
}

/** The whole sequence of a problem, token by token. */
export function decoded(problem: Problem, decode: DecodeKernel): Float32Array {
  const stepper = prepareSteps(decode, problem);
  const output = new Float32Array(elementCount(problem.shape, "output")).fill(Number.NaN);
  stepTo(stepper, problem.inputs, problem.shape.length, output);
  stepper.dispose();
  return output;
}
