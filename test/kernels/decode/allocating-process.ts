/** Counts, in a process of its own, the bytes that steps allocate on the JavaScript heap: a line of JSON for each kernel and variant. */
import process from "node:process";
import type { Task } from "../../../src/core/problem.ts";
import {
  elementCount,
  formatShape,
  overTokens,
  type Shape,
  shapeOf,
  type TensorName,
} from "../../../src/core/shape.ts";
import { parameterize } from "../../../src/core/variant.ts";
import { builtInKernels } from "../../../src/kernels/index.ts";
import type { ReadyKernel } from "../../../src/kernels/kernel.ts";
import type { Token } from "../../../src/kernels/stepper.ts";
import { supportsSteps } from "../../../src/kernels/supports-mode.ts";
import { variants } from "../../../variants/index.ts";
import { isDefined, problemOf } from "../arbitrary-problems.ts";
import { prepareSteps } from "./decoded.ts";

const SHAPES = [
  shapeOf({ batch: 1, heads: 2, length: 400, headDim: 8 }),
  shapeOf({ batch: 1, heads: 2, kvHeads: 1, length: 400, headDim: 8, valueDim: 6 }),
];
const STEPS = 10_000;
const ROUNDS = 20;

/** Bytes of the heap in use; `--expose-gc` is given, and what was left from before is gone. */
function used(collect: boolean): number {
  if (collect) (globalThis as unknown as { gc(): void }).gc();
  return process.memoryUsage().heapUsed;
}

/** A token of a shape. */
function tokenOf(shape: Shape): Token {
  const numbers = (name: TensorName): Float32Array =>
    Float32Array.from({ length: elementCount(overTokens(shape, 1), name) }, (_, at) => Math.sin(at + 1));
  return { q: numbers("q"), k: numbers("k"), v: numbers("v"), out: numbers("output") };
}

/** Prints what the steps of a task allocate, if the kernel takes it. */
function measure(kernel: ReadyKernel, task: Task, name: string): void {
  if (supportsSteps(kernel, task) !== true || kernel.decode === undefined) return;
  const problem = problemOf(task.mechanism, task.shape, true);
  if (!isDefined(problem)) return;
  const stepper = prepareSteps(kernel.decode, problem);
  const token = tokenOf(task.shape);
  const run = (steps: number): void => {
    for (let step = 0; step < steps; step++) {
      if (stepper.position === stepper.capacity) stepper.reset();
      stepper.step(token);
    }
  };
  // What V8 interprets keeps every fraction on the heap, and what it optimises comes late on a busy machine.
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS && least >= 1; round++) {
    const before = used(true);
    run(STEPS);
    least = Math.min(least, Math.abs(used(false) - before) / STEPS);
  }
  console.log(JSON.stringify({ name, bytesAStep: least }));
  stepper.dispose();
}

for (const kernel of builtInKernels()) {
  for (const variant of variants) {
    const probes = Object.entries(variant.params).map(([name, { probe }]) => [name, probe]);
    const { mechanism } = parameterize(variant, Object.fromEntries(probes));
    for (const shape of SHAPES) {
      const task = { mechanism, shape, causal: true, threads: 1 };
      measure(kernel, task, `${kernel.id} ${variant.id} ${formatShape(shape)}`);
    }
  }
}
