import type { Problem } from "../../../core/problem.ts";
import { FLOAT_BYTES } from "../../../core/shape.ts";
import {
  type Gradient,
  gradientArrays,
  makesOutput,
  problemWithin,
} from "../../../mechanisms/gradient/declare.ts";
import type { Recurrence } from "../../../mechanisms/recurrence/declare.ts";
import type { Runnable } from "../../kernel.ts";
import type { Means } from "../means.ts";
import { prepareRecurrence } from "../recurrence-kernel.ts";
import { keptSizes, planRecurrence } from "../recurrence-plan.ts";
import { bothPasses } from "./both-passes.ts";
import { prepareRecurrenceBackward } from "./recurrence-backward.ts";
import { gradientTensors } from "./tensors.ts";

/**
 * The gradient of recurrences of matrices. The forward pass leaves the state before every chunk, and nothing else: it writes no
 * output unless that is asked for, as in training, where it is part of the call.
 */
export function prepareRecurrenceGradient(problem: Problem<Gradient<Recurrence>>, means: Means): Runnable {
  const { mechanism, shape } = problem;
  const { arena, inputs, dout, output, copied } = gradientTensors(problem, means.output);
  const { out, gradients } = gradientArrays(problem, output);
  const within = { ...problemWithin(problem), inputs };
  const isTraining = makesOutput(mechanism);
  const { keptBytes, keptChunks } = keptSizes(planRecurrence(within.mechanism, shape, means.build), shape);
  const region = arena.reserve(shape.batch * shape.heads * keptChunks * keptBytes);
  const states = arena.floats(
    region.start,
    (shape.batch * shape.heads * keptChunks * keptBytes) / FLOAT_BYTES,
  );
  const forward = prepareRecurrence(
    within,
    within.mechanism,
    { ...means, output: out ?? dout },
    { states, writesOut: out !== null },
  );
  const backward = prepareRecurrenceBackward(within, { dout, states, gradients }, means);
  return bothPasses({
    forward,
    backward,
    isTraining,
    saved: [states],
    bytes: region.bytes,
    copied,
    output,
    release: () => arena.release(region),
  });
}
