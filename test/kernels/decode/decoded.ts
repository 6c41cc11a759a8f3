import { GATES, type GateName } from "../../../src/core/call-settings.ts";
import type { Choice } from "../../../src/core/choice.ts";
import type { Problem, Task } from "../../../src/core/problem.ts";
import {
  countOf,
  elementCount,
  type Layout,
  layoutOf,
  offsetIn,
  overTokens,
  QKV,
  type Shape,
  type TensorName,
} from "../../../src/core/shape.ts";
import { type AttentionInputs, namesIn, tensorNamed } from "../../../src/core/tensors.ts";
import { builtInKernels } from "../../../src/kernels/index.ts";
import type { ReadyKernel } from "../../../src/kernels/kernel.ts";
import { createNative } from "../../../src/kernels/native/index.ts";
import type { ReadyDecodeKernel, Stepper, Token } from "../../../src/kernels/stepper.ts";
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
  readonly kernel: ReadyKernel;
  readonly decode: ReadyDecodeKernel;
}

const native = createNative();

/** Kernels that decode, each build of wasm for itself. */
export const decodingKernels: readonly DecodingKernel[] = [
  ...BUILD_NAMES.map((name): readonly [string, ReadyKernel] => [`wasm ${name}`, createWasm(name)]),
  ...(native.unavailable?.() === null ? [["native", native] as const] : []),
  ...builtInKernels()
    .filter(({ id }) => id !== "wasm" && id !== "native")
    .map((kernel): readonly [string, ReadyKernel] => [kernel.id, kernel]),
].flatMap(([name, kernel]) => {
  const { decode } = kernel;
  return decode === undefined ? [] : [{ name, kernel, decode }];
});

/** Whether a kernel decodes a problem. */
export function decodes({ kernel }: DecodingKernel, problem: Problem): boolean {
  return isDefined(builtInKinds.judged(problem)) && supportsSteps(kernel, taskOf(problem)) === true;
}

/** Prepares to decode a problem, with what its layer learned. */
export function prepareSteps(decode: ReadyDecodeKernel, problem: Problem): Stepper {
  return decode.prepare(taskOf(problem), weightsOf(builtInKinds.judged(problem)));
}

/** What a task is without its numbers. */
export function taskOf({ mechanism, shape, causal, threads }: Problem): Task {
  return { mechanism, shape, causal, threads };
}

/** Floats before and after each array of a token that nobody may touch. */
const CANARIES = 16;
const CANARY = 12345.678;

/** A token of which every array lies between canaries, all of them full of NaN; with gates, if inputs have some. */
export function guardedToken(shape: Shape, inputs?: AttentionInputs): Token {
  const guarded = (count: number): Float32Array => {
    const whole = new Float32Array(count + 2 * CANARIES).fill(CANARY);
    return whole.subarray(CANARIES, CANARIES + count).fill(Number.NaN);
  };
  const one = (name: TensorName) => guarded(elementCount(overTokens(shape, 1), name));
  const gates = (inputs === undefined ? [] : gatesIn(inputs)).map(({ name, layout }) => [
    name,
    guarded(countOf({ ...layout, rows: 1 })),
  ]);
  return { q: one("q"), k: one("k"), v: one("v"), ...Object.fromEntries(gates), out: one("output") };
}

/** The gates of tokens that inputs have, each with how it lies in memory. */
export function gatesIn(inputs: AttentionInputs): ReadonlyArray<{
  readonly name: GateName;
  readonly values: Float32Array;
  readonly layout: Layout;
}> {
  const { batch, kvHeads: heads, length: rows } = inputs.shape;
  return GATES.filter((name) => namesIn(inputs).includes(name)).map((name) => {
    const values = tensorNamed(inputs, name);
    return { name, values, layout: { batch, heads, rows, width: values.length / (batch * heads * rows) } };
  });
}

/** Whether somebody wrote outside of a token's arrays. */
function canariesDied(token: Token): boolean {
  return Object.values(token).some((array) => {
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
  for (const { name, values, layout } of gatesIn(inputs)) {
    eachRow(layout, position, (at, within) => {
      token[name].set(values.subarray(at, at + layout.width), within);
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
  const token = guardedToken(shape, inputs);
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
export function decoded(problem: Problem, decode: ReadyDecodeKernel): Float32Array {
  const stepper = prepareSteps(decode, problem);
  const output = new Float32Array(elementCount(problem.shape, "output")).fill(Number.NaN);
  stepTo(stepper, problem.inputs, problem.shape.length, output);
  stepper.dispose();
  return output;
}
