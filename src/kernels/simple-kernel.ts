import type { Problem, Task } from "../core/problem.ts";
import type { Kernel } from "./kernel.ts";

/** A kernel told in one function. It counts neither its workspace nor its operations, and the results leave them out. */
export interface SimpleKernel {
  id: string;
  title?: string;
  /** `true`, or why not; every task is supported where this is left out. */
  supports?: (task: Task) => true | string;
  /**
   * Prepares a problem and returns the function that computes it: from `problem.inputs` `[batch, heads, length,
   * headDim]` into every element of `output`, which has the same shape. `scaleOf(problem.mechanism, headDim)` is what a softmax
   * multiplies q·k by.
   */
  prepare: (problem: Problem, output: Float32Array) => () => void;
}

/** Completes a kernel that is one function, such as a plug-in's. */
export function simpleKernel({ id, title = id, supports = () => true, prepare }: SimpleKernel): Kernel {
  return {
    id,
    title,
    supports,
    prepare(problem, output) {
      const run = prepare(problem, output);
      if (typeof run !== "function") {
        throw new TypeError(`${id}: prepare must return the function that computes, got ${typeof run}`);
      }
      const counts = { workspaceBytes: null, executedFlops: null, bytes: null };
      return { run, output: () => output, ...counts, dispose() {} };
    },
  };
}
