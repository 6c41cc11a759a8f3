import type { Task } from "../../core/problem.ts";
import { FLOAT_BYTES, type Shape, seeingRows, seenBytes } from "../../core/shape.ts";
import { fullPairs, pairFlops, type UsefulWork } from "../../core/work.ts";
import type { LeastStep, LeastWork } from "../kind.ts";

/**
 * A key writes a state of d·(d'+1) numbers, d' being the width of v, and a query that sees a key reads it:
 * 4·d·(d+1) a token. Heads of q that share k and v share the state. The cost of φ is not counted.
 */
export function work({ shape, causal }: Task): UsefulWork {
  return { pairs: null, usefulFlops: stateFlops(shape, shape.length, seeingRows(shape, causal)) };
}

/** The same for one token. */
export function stepWork({ shape }: Task): UsefulWork {
  return { pairs: null, usefulFlops: stateFlops(shape, 1, 1) };
}

function stateFlops(
  { batch, heads, kvHeads, headDim, valueDim }: Shape,
  keys: number,
  queries: number,
): number {
  return 2 * headDim * (valueDim + 1) * batch * (kvHeads * keys + heads * queries);
}

/** The useful operations, fewer only if key by key is cheaper, as over few tokens. */
export function leastWork(task: Task): LeastWork {
  const { shape, causal } = task;
  const byKeys = pairFlops(shape, shape.heads * fullPairs(shape, causal));
  const flops = Math.min(work(task).usefulFlops, byKeys);
  return { flops, bytes: seenBytes(shape, causal) };
}

/** For the state, or for keys and values if those are fewer, as over few tokens. */
export function leastStep(task: Task, position: number): LeastStep {
  const { batch, heads, kvHeads, headDim, valueDim, length } = task.shape;
  const floats = Math.min(headDim * (valueDim + 1), (headDim + valueDim) * position);
  const stateBytes = FLOAT_BYTES * batch * kvHeads * floats;
  if (position >= length) return { flops: 0, bytes: 0, stateBytes };
  const byKeys = pairFlops(task.shape, heads * (position + 1));
  return { flops: Math.min(stateFlops(task.shape, 1, 1), byKeys), bytes: stateBytes, stateBytes };
}
