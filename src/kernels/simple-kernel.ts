import type { Dtype } from "../core/dtype.ts";
import type { FormName } from "../core/form-names.ts";
import type { Problem, Task } from "../core/problem.ts";
import type { ShapeFreedom } from "../core/shape.ts";
import type { Kernel, ReadyKernel, Runnable } from "./kernel.ts";

/**
 * A kernel given by one function. It counts neither its workspace nor its operations, and the results leave
 * them out.
 */
export interface SimpleKernel<Prepared> {
  id: string;
  title?: string;
  /** `true`, or why not; every task is supported if omitted. */
  supports?: (task: Task) => true | string;
  /** How shapes may differ from the usual, in which q, k, v and out are alike; omitted if they may not. */
  freedoms?: readonly ShapeFreedom[];
  /** The forms of pairs that it computes besides those of softmax attention; omitted if none. */
  forms?: readonly FormName[];
  /** Whether NaN or infinity in a token may spread to rows that do not attend it; omitted if not. */
  finiteOnly?: boolean;
  /** The dtypes in which it computes; float32 alone if omitted. */
  dtypes?: readonly Dtype[];
  /** Finds what it computes on: `true`, or why it cannot run here; omitted if it runs anywhere. */
  open?: () => Promise<true | string>;
  /**
   * Prepares a problem and returns the function that computes it: from `problem.inputs`, each `[batch, heads,
   * length, headDim]` unless the kernel has `freedoms`, into every element of `output`, which has the same
   * shape. `scaleOf(problem.mechanism, headDim)` is the factor on q·k in a softmax. A kernel that computes
   * elsewhere returns the parts of a call, or a promise of them.
   */
  prepare: (problem: Problem, output: Float32Array) => Prepared;
}

/** A call in parts, as `Runnable` describes each. */
export type CallParts = Pick<Runnable, "run"> &
  Partial<
    Pick<
      Runnable,
      "load" | "finish" | "timed" | "fetch" | "choice" | "selectSeconds" | "projectSeconds" | "dispose"
    >
  >;

/** Completes a kernel that is one function, such as a plug-in's. */
export function simpleKernel(kernel: SimpleKernel<() => void>): ReadyKernel;
export function simpleKernel(kernel: SimpleKernel<CallParts | Promise<CallParts>>): Kernel;
export function simpleKernel({
  id,
  title = id,
  supports = () => true,
  freedoms,
  forms,
  finiteOnly,
  dtypes,
  open,
  prepare,
}: SimpleKernel<(() => void) | CallParts | Promise<CallParts>>): Kernel {
  const completed = (made: (() => void) | CallParts, output: Float32Array): Runnable => {
    const parts: Partial<CallParts> | null = typeof made === "function" ? { run: made } : made;
    const run = parts?.run;
    if (typeof run !== "function") {
      throw new TypeError(`${id}: prepare must return the function that computes, got ${typeof made}`);
    }
    const counts = { workspaceBytes: null, executedFlops: null, bytes: null };
    return { dispose() {}, ...parts, run, output: () => output, ...counts };
  };
  return {
    id,
    title,
    supports,
    ...(freedoms !== undefined && { freedoms }),
    ...(forms !== undefined && { forms }),
    ...(finiteOnly !== undefined && { finiteOnly }),
    ...(dtypes !== undefined && { dtypes }),
    ...(open !== undefined && { open }),
    prepare(problem, output) {
      const made = prepare(problem, output);
      return made instanceof Promise
        ? made.then((parts) => completed(parts, output))
        : completed(made, output);
    },
  };
}
