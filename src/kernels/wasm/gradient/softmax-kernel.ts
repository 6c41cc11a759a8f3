import type { Problem } from "../../../core/problem.ts";
import { elementCount, FLOAT_BYTES } from "../../../core/shape.ts";
import {
  type Gradient,
  gradientArrays,
  makesOutput,
  problemWithin,
} from "../../../mechanisms/gradient/declare.ts";
import type { SoftmaxPattern } from "../../../mechanisms/softmax-pattern/declare.ts";
import type { Runnable, SavedArray } from "../../kernel.ts";
import type { Means } from "../means.ts";
import { prepareSoftmax } from "../softmax-kernel.ts";
import { prepareSoftmaxBackward } from "./softmax-backward.ts";
import { gradientTensors } from "./tensors.ts";

/**
 * The gradient of softmax over a pattern. Where weights share a sum the forward pass leaves its output, and of each row the
 * maximum and the factor of its weights; in training it is part of the call.
 */
export function prepareSoftmaxGradient(problem: Problem<Gradient<SoftmaxPattern>>, means: Means): Runnable {
  const { mechanism, shape } = problem;
  const { arena, inputs, dout, output, copied } = gradientTensors(problem, means.output);
  const { out, gradients } = gradientArrays(problem, output);
  const within = { ...problemWithin(problem), inputs };
  const isTraining = makesOutput(mechanism);
  const { normaliser } = within.mechanism;
  const sharesSum = normaliser === undefined || normaliser.kind === "sink";
  const rows = shape.batch * shape.heads * shape.queries;
  const outCount = sharesSum && !isTraining ? elementCount(shape, "output") : 0;
  const region = arena.reserve((outCount + (sharesSum ? 2 * rows : 0)) * FLOAT_BYTES);
  const forwardOut = out ?? arena.floats(region.start, outCount);
  const sums = sharesSum ? arena.floats(region.start + outCount * FLOAT_BYTES, 2 * rows) : null;
  const forward =
    isTraining || sharesSum
      ? prepareSoftmax(within, within.mechanism, { ...means, output: forwardOut }, { sums })
      : null;
  const left = sums === null ? null : { out: forwardOut, sums };
  const backward = prepareSoftmaxBackward(within, { dout, left, gradients }, means);
  const saved: readonly SavedArray[] = left === null ? [] : [left.sums, left.out];
  const timed = isTraining ? [forward, backward] : [backward];
  const sum = (of: (one: Pick<Runnable, "executedFlops" | "bytes">) => number | null) =>
    timed.reduce((total, one) => total + (one === null ? 0 : (of(one) ?? 0)), 0);
  return {
    ...(!isTraining && left !== null && { save: () => forward?.run(), saved: () => saved }),
    run() {
      if (isTraining) forward?.run();
      backward.run();
    },
    ...copied,
    output: () => output,
    workspaceBytes: region.bytes + (forward?.workspaceBytes ?? 0) + backward.workspaceBytes,
    get executedFlops() {
      return sum(({ executedFlops }) => executedFlops);
    },
    get bytes() {
      return sum(({ bytes }) => bytes);
    },
    dispose() {
      forward?.dispose();
      backward.dispose();
      arena.release(region);
    },
  };
}
