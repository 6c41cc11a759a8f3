import type { Problem } from "../../../../core/problem.ts";
import { FLOAT_BYTES } from "../../../../core/shape.ts";
import { tensorNamed } from "../../../../core/tensors.ts";
import {
  DOUT,
  type Gradient,
  gradientArrays,
  makesOutput,
  problemWithin,
} from "../../../../mechanisms/gradient/declare.ts";
import type { Recurrence } from "../../../../mechanisms/recurrence/declare.ts";
import type { Runnable } from "../../../kernel.ts";
import { ownFloats } from "../../call/own-floats.ts";
import type { Means } from "../../means.ts";
import { prepareKeeping } from "../kernel.ts";
import { TOKENS } from "../layout.ts";
import { planRecurrence } from "../plan.ts";
import { prepareRecurrenceBackward } from "./backward-kernel.ts";

/**
 * The gradient of recurrences of matrices. The forward pass leaves the state before every chunk, and nothing else: it writes no output
 * unless that is asked for, as in training, where it is part of the call.
 */
export function prepareRecurrenceGradient(
  problem: Problem<Gradient<Recurrence>>,
  { ffi, output }: Means,
): Runnable {
  const { shape, mechanism, inputs } = problem;
  const within = problemWithin(problem);
  const { out, gradients } = gradientArrays(problem, output);
  const { keptBytes } = planRecurrence(within.mechanism, shape);
  const chunks = shape.batch * shape.heads * Math.ceil(shape.length / TOKENS);
  const states = ownFloats(ffi, (chunks * keptBytes) / FLOAT_BYTES);
  const dout = tensorNamed(inputs, DOUT);
  const isTraining = makesOutput(mechanism);
  const forward = prepareKeeping(
    within,
    within.mechanism,
    // Where nothing is written dout stands for an output of its shape.
    { ffi, output: out ?? dout },
    { states, writesOut: out !== null },
  );
  const backward = prepareRecurrenceBackward(within, ffi, { states, dout, gradients });
  const together = (of: "executedFlops" | "bytes"): number =>
    backward[of] + (isTraining ? (forward[of] ?? 0) : 0);
  return {
    ...(!isTraining && { save: () => forward.run(), saved: () => [states] }),
    run() {
      if (isTraining) forward.run();
      backward.run();
    },
    output: () => output,
    workspaceBytes: (forward.workspaceBytes ?? 0) + backward.workspaceBytes + states.byteLength,
    executedFlops: together("executedFlops"),
    bytes: together("bytes"),
    dispose() {
      forward.dispose();
      backward.close();
    },
  };
}
