import type { Mechanism } from "../../core/mechanism.ts";
import type { Task } from "../../core/problem.ts";
import type { UsefulWork } from "../../core/work.ts";
import type { Kind, LeastWork } from "../kind.ts";
import { type Gradient, makesOutput, taskWithin } from "./declare.ts";

/** What the gradients require, and the forward pass too if it is part of the call; nothing where there is no gradient. */
export function work(task: Task<Gradient>, inner: Kind<Mechanism>): UsefulWork {
  const within = taskWithin(task);
  const forward = inner.work(within);
  const backward = inner.gradient?.work(within) ?? { pairs: forward.pairs, usefulFlops: 0 };
  return makesOutput(task.mechanism) ? together(forward, backward) : backward;
}

function together(one: UsefulWork, other: UsefulWork): UsefulWork {
  const sum = (name: "selectFlops" | "projectFlops") =>
    one[name] === undefined && other[name] === undefined
      ? {}
      : { [name]: (one[name] ?? 0) + (other[name] ?? 0) };
  return {
    pairs: one.pairs,
    usefulFlops: one.usefulFlops + other.usefulFlops,
    ...sum("selectFlops"),
    ...sum("projectFlops"),
  };
}

/** The least of the gradients; of a forward pass beside them the operations, as what it reads is read already. */
export function leastWork(task: Task<Gradient>, inner: Kind<Mechanism>): LeastWork {
  const within = taskWithin(task);
  const backward = inner.gradient?.leastWork(within) ?? { flops: 0, bytes: 0 };
  if (!makesOutput(task.mechanism)) return backward;
  return { ...backward, flops: backward.flops + inner.leastWork(within).flops };
}
