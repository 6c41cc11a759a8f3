import type { Problem } from "../../../core/problem.ts";
import { elementCount } from "../../../core/shape.ts";
import { tensorNamed } from "../../../core/tensors.ts";
import {
  DOUT,
  type Gradient,
  gradientArrays,
  makesOutput,
  problemWithin,
} from "../../../mechanisms/gradient/declare.ts";
import type { SoftmaxPattern } from "../../../mechanisms/softmax-pattern/declare.ts";
import type { Runnable, SavedArray } from "../../kernel.ts";
import { prepareTiles } from "../tile-kernel.ts";
import { sharesSum } from "./logit-tile.ts";
import { SoftmaxBackward } from "./softmax-backward.ts";

/**
 * The gradient of attention over any pattern, in any form. Where weights share a sum, what the forward pass leaves is that
 * sum's logarithm and the output, of which `dout · out` is made: Dao et al. 2022, arXiv 2205.14135, algorithm 4.
 */
export function prepareSoftmaxGradient(
  problem: Problem<Gradient<SoftmaxPattern>>,
  output: Float32Array,
): Runnable {
  const { shape, inputs, mechanism } = problem;
  const within = problemWithin(problem);
  const { out, gradients } = gradientArrays(problem, output);
  const shares = sharesSum(within.mechanism.normaliser);
  const logSums = new Float64Array(shares ? shape.batch * shape.heads * shape.queries : 0);
  const isTraining = makesOutput(mechanism);
  const forwardOut = out ?? new Float32Array(shares ? elementCount(shape, "output") : 0);
  const forward =
    isTraining || shares ? prepareTiles(within, within.mechanism, forwardOut, shares ? logSums : null) : null;
  const backward = new SoftmaxBackward(within, gradients, tensorNamed(inputs, DOUT));
  const saved: readonly SavedArray[] = shares ? [logSums, forwardOut] : [];
  const timed = isTraining ? [forward, backward] : [backward];
  const sum = (of: (one: Pick<Runnable, "executedFlops" | "bytes">) => number | null) =>
    timed.reduce((total, one) => total + (one === null ? 0 : (of(one) ?? 0)), 0);
  return {
    ...(!isTraining && shares && { save: () => forward?.run(), saved: () => saved }),
    run() {
      if (isTraining) forward?.run();
      backward.run({ logSums, out: forwardOut });
    },
    output: () => output,
    workspaceBytes:
      (forward?.workspaceBytes ?? 0) +
      backward.workspaceBytes +
      logSums.byteLength +
      (out === null ? forwardOut.byteLength : 0),
    get executedFlops() {
      return sum(({ executedFlops }) => executedFlops);
    },
    get bytes() {
      return sum(({ bytes }) => bytes);
    },
    dispose() {},
  };
}
