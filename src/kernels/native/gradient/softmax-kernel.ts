import type { Problem } from "../../../core/problem.ts";
import { elementCount } from "../../../core/shape.ts";
import { tensorNamed } from "../../../core/tensors.ts";
import { DOUT, type Gradient, gradientArrays, problemWithin } from "../../../mechanisms/gradient/declare.ts";
import type { SoftmaxPattern } from "../../../mechanisms/softmax-pattern/declare.ts";
import type { Runnable } from "../../kernel.ts";
import type { Means } from "../means.ts";
import { prepareLeaving } from "../pairwise/softmax-kernel.ts";
import { prepareBackward } from "./backward-kernel.ts";

/**
 * The gradient of softmax attention over any pattern. What the forward pass leaves is its output and two numbers a row,
 * together its log-sum-exp: Dao et al. 2022, arXiv 2205.14135.
 */
export function prepareSoftmaxGradient(
  problem: Problem<Gradient<SoftmaxPattern>>,
  { ffi, output }: Means,
): Runnable {
  const { shape, inputs, mechanism } = problem;
  const within = problemWithin(problem);
  const {
    out,
    gradients: { dq, dk, dv },
  } = gradientArrays(problem, output);
  const forwardOut = out ?? new Float32Array(elementCount(shape, "output"));
  const { forward, left } = prepareLeaving(within, within.mechanism, { ffi, output: forwardOut });
  const dout = tensorNamed(inputs, DOUT);
  const backward = prepareBackward(within, within.mechanism, ffi, {
    left,
    out: forwardOut,
    dout,
    dq,
    dk,
    dv,
  });
  const isTraining = mechanism.pass === "train";
  const together = (of: "executedFlops" | "bytes"): number =>
    backward[of] + (isTraining ? (forward[of] ?? 0) : 0);
  return {
    ...(!isTraining && {
      save: () => forward.run(),
      saved: () => [left.base, left.factor, forwardOut],
    }),
    run() {
      if (isTraining) forward.run();
      backward.run();
    },
    output: () => output,
    workspaceBytes:
      (forward.workspaceBytes ?? 0) + backward.workspaceBytes + (out === null ? forwardOut.byteLength : 0),
    executedFlops: together("executedFlops"),
    bytes: together("bytes"),
    dispose() {
      forward.dispose();
      backward.close();
    },
  };
}
