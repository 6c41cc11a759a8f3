import type { Task } from "../../../core/problem.ts";
import { elementCount, FLOAT_BYTES, QKV } from "../../../core/shape.ts";
import type { UsefulWork } from "../../../core/work.ts";
import type { LeastWork } from "../../kind.ts";
import type { Recurrence } from "../declare.ts";
import { gateFlops, leastWork } from "../work.ts";

/**
 * Operations of a token in one head, a product and a sum an element of the state each: the gradient of q, what that adds to
 * the gradient of the state, and the gradients of v and of what is written with; the decay of that gradient, and the gradient
 * of the decay; as much again for what is erased, as it goes back through what is held to the state and to k. Gates of k
 * have products for k and for the weights.
 */
export function gradientWork({ mechanism, shape }: Task<Recurrence>): UsefulWork {
  const { batch, heads, length, headDim, valueDim } = shape;
  const { decay, erase } = mechanism;
  const isConstant = decay.form === "none" || decay.form === "retention" || decay.form === "lightning";
  const decays = (decay.form === "none" ? 0 : 1) + (isConstant ? 0 : 2);
  const erases = erase === null ? 0 : erase === "after-decay" ? 4 : 8;
  const each = (8 + decays + erases) * headDim * valueDim + 2 * gateFlops(mechanism, shape);
  return { pairs: null, usefulFlops: batch * heads * length * each };
}

/** The state and its gradient are each read twice where the forward pass writes and reads one; every gradient is written. */
export function leastGradientWork(task: Task<Recurrence>): LeastWork {
  const bytes = FLOAT_BYTES * QKV.reduce((sum, name) => sum + elementCount(task.shape, name), 0);
  return { flops: 2 * leastWork(task).flops, bytes };
}
