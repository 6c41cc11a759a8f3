import type { Task } from "../../core/problem.ts";
import { elementCount, FLOAT_BYTES, type Shape } from "../../core/shape.ts";
import type { UsefulWork } from "../../core/work.ts";
import type { LeastStep, LeastWork } from "../kind.ts";
import { type Cell, GATES, READS, STATES } from "./declare.ts";

/**
 * Operations of a token in one head. Of learned cells the products with both weights, `4·gates·d²`: elman 4d², lstm
 * 16d². min-gru blends with two products, a sum and `1 - z`; min-lstm has a sum and a division for its gate instead of
 * the last. Exponentials and tanh are not counted.
 */
function tokenFlops({ cell }: Cell, { headDim }: Shape): number {
  if (GATES[cell] > 0) return 4 * GATES[cell] * headDim ** 2;
  return (cell === "min-gru" ? 4 : 5) * headDim;
}

/** The same for all tokens. */
export function work({ mechanism, shape }: Task<Cell>): UsefulWork {
  const { batch, heads, length } = shape;
  return { pairs: null, usefulFlops: batch * heads * length * tokenFlops(mechanism, shape) };
}

/** The same for one token. */
export function stepWork({ mechanism, shape }: Task<Cell>): UsefulWork {
  return { pairs: null, usefulFlops: shape.batch * shape.heads * tokenFlops(mechanism, shape) };
}

/**
 * The least of a token: products with the token's own numbers, and with a state unless that is still 0; a blend as
 * `h + z (v - h)`, or `z v`.
 */
function leastToken({ cell }: Cell, { headDim }: Shape, position: number): number {
  const isFirst = position === 0;
  if (GATES[cell] > 0) return (isFirst ? 2 : 4) * GATES[cell] * headDim ** 2;
  return (isFirst ? 1 : 3) * headDim;
}

/** Of q, k and v what the cell reads, and the output. */
export function leastWork({ mechanism, shape }: Task<Cell>): LeastWork {
  const { batch, heads, length } = shape;
  const first = leastToken(mechanism, shape, 0);
  const others = (length - 1) * leastToken(mechanism, shape, 1);
  const bytes = FLOAT_BYTES * (READS[mechanism.cell].length + 1) * elementCount(shape);
  return { flops: batch * heads * (first + others), bytes };
}

/** The state, or the tokens so far if there are fewer: none, or one where the state is two numbers a channel. */
export function leastStep({ mechanism, shape }: Task<Cell>, position: number): LeastStep {
  const { batch, heads, headDim, length } = shape;
  const stateBytes = FLOAT_BYTES * batch * heads * headDim * Math.min(STATES[mechanism.cell], position);
  if (position >= length) return { flops: 0, bytes: 0, stateBytes };
  return { flops: batch * heads * leastToken(mechanism, shape, position), bytes: stateBytes, stateBytes };
}
