import type { Task } from "../../core/problem.ts";
import { callBytes, countOf, FLOAT_BYTES, type Shape } from "../../core/shape.ts";
import { layoutBy } from "../../core/tensor-spec.ts";
import type { UsefulWork } from "../../core/work.ts";
import type { LeastStep, LeastWork } from "../kind.ts";
import type { Recurrence } from "./declare.ts";
import { recurrenceInputs } from "./inputs.ts";

/**
 * Operations of a token in one head: what is written and what is read, a product and a sum an element of the state each;
 * its decay; as much again for what is erased, twice where that is read before the decay and so written by itself; and the
 * products of gates with k. Exponentials are not counted.
 */
function tokenFlops(mechanism: Recurrence, shape: Shape): number {
  const { decay, erase } = mechanism;
  const elements = shape.headDim * shape.valueDim;
  const decays = decay.form === "none" ? 0 : 1;
  const erases = erase === null ? 0 : erase === "after-decay" ? 2 : 4;
  return (4 + decays + erases) * elements + gateFlops(mechanism, shape);
}

/** Operations of the gates of a token that are made of k. */
export function gateFlops(mechanism: Recurrence, shape: Shape): number {
  const { decay, write } = mechanism;
  const rows = [decay, write].map((gate) => {
    if (!("stream" in gate)) return 0;
    // Where Δ is given nothing is multiplied.
    if (gate === decay && write.form === "given-step") return 0;
    return gate.per === "token" ? 1 : shape.headDim;
  });
  return 2 * (rows[0] + rows[1]) * shape.headDim;
}

/** The same for all tokens. */
export function work({ mechanism, shape }: Task<Recurrence>): UsefulWork {
  const { batch, heads, length } = shape;
  return { pairs: null, usefulFlops: batch * heads * length * tokenFlops(mechanism, shape) };
}

/** The same for one token. */
export function stepWork({ mechanism, shape }: Task<Recurrence>): UsefulWork {
  return { pairs: null, usefulFlops: shape.batch * shape.heads * tokenFlops(mechanism, shape) };
}

/**
 * Every token but the last is written, and every one but the first reads a state, and erases in it if the mathematics
 * does; how much is left of it may be counted once a chunk. Or each pair is multiplied by itself, as a chunk of all tokens
 * has it. What lies between the two costs more than the lesser of them, since chunks trade the one for the other.
 */
export function leastWork({ mechanism, shape }: Task<Recurrence>): LeastWork {
  const { batch, heads, length, headDim, valueDim } = shape;
  const before = length - 1;
  const accesses = (2 + (mechanism.erase === null ? 0 : 1)) * before;
  const recurrent = 2 * Math.max(0, accesses - 1) * headDim * valueDim;
  const parallel = before * length * (headDim + valueDim);
  const flops = Math.min(recurrent, parallel) + before * gateFlops(mechanism, shape);
  return { flops: batch * heads * flops, bytes: callBytes(shape) + gateBytes(mechanism, shape) };
}

/** Bytes of the gates that are given token by token, but for the first. */
function gateBytes(mechanism: Recurrence, shape: Shape): number {
  return Object.values(recurrenceInputs(mechanism))
    .filter(({ of }) => of === "token")
    .map((spec) => layoutBy(shape, spec))
    .reduce((sum, layout) => sum + FLOAT_BYTES * countOf({ ...layout, rows: layout.rows - 1 }), 0);
}

/** The state, or the tokens so far if they are fewer numbers, with each of which q is multiplied. */
export function leastStep({ mechanism, shape }: Task<Recurrence>, position: number): LeastStep {
  const { batch, heads, headDim, valueDim, length } = shape;
  const numbers = Math.min(headDim * valueDim, position * (headDim + valueDim));
  const stateBytes = FLOAT_BYTES * batch * heads * numbers;
  if (position >= length) return { flops: 0, bytes: 0, stateBytes };
  const gates = position === 0 ? 0 : gateFlops(mechanism, shape);
  return { flops: batch * heads * (2 * numbers + gates), bytes: stateBytes, stateBytes };
}
