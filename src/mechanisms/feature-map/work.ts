import type { Task } from "../../core/problem.ts";
import { elementCount, FLOAT_BYTES, type Shape } from "../../core/shape.ts";
import { fullPairs, pairFlops, type UsefulWork } from "../../core/work.ts";
import type { LeastStep, LeastWork } from "../kind.ts";

/**
 * A token costs 4·d·(d+1): it writes a state of d·(d+1) numbers and reads it. The cost of φ is not counted.
 */
export function work({ shape }: Task): UsefulWork {
  return { pairs: null, usefulFlops: tokenFlops(shape) * shape.length };
}

/** The same for one token. */
export function stepWork({ shape }: Task): UsefulWork {
  return { pairs: null, usefulFlops: tokenFlops(shape) };
}

function tokenFlops({ batch, heads, headDim }: Shape): number {
  return 4 * headDim * (headDim + 1) * batch * heads;
}

/** The useful operations, fewer only if key by key is cheaper, as over few tokens. */
export function leastWork(task: Task): LeastWork {
  const { shape, causal } = task;
  const byKeys = pairFlops(shape, shape.heads * fullPairs(shape.length, causal));
  const flops = Math.min(work(task).usefulFlops, byKeys);
  return { flops, bytes: 4 * FLOAT_BYTES * elementCount(shape) };
}

/** For the state, or for keys and values if those are fewer, as over few tokens. */
export function leastStep(task: Task, position: number): LeastStep {
  const { batch, heads, headDim, length } = task.shape;
  const floats = Math.min(headDim * (headDim + 1), 2 * headDim * position);
  const stateBytes = FLOAT_BYTES * batch * heads * floats;
  if (position >= length) return { flops: 0, bytes: 0, stateBytes };
  const byKeys = pairFlops(task.shape, heads * (position + 1));
  return { flops: Math.min(tokenFlops(task.shape), byKeys), bytes: stateBytes, stateBytes };
}
