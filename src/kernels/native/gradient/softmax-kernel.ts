import type { Problem } from "../../../core/problem.ts";
import { elementCount, type Shape } from "../../../core/shape.ts";
import { tensorNamed } from "../../../core/tensors.ts";
import {
  DOUT,
  type Gradient,
  gradientArrays,
  gradientName,
  makesOutput,
  problemWithin,
} from "../../../mechanisms/gradient/declare.ts";
import type { SoftmaxPattern } from "../../../mechanisms/softmax-pattern/declare.ts";
import { BIAS_TABLE } from "../../../pairwise/bind-biases.ts";
import { rowNumbersOf } from "../../../pairwise/row-numbers.ts";
import { bindHeads } from "../../../pattern/bind.ts";
import type { Runnable } from "../../kernel.ts";
import { visibleKeys } from "../../visible-keys.ts";
import type { Means } from "../means.ts";
import { prepareAttention, prepareLeaving, type RowsLeft } from "../pairwise/softmax-kernel.ts";
import { prepareBackward } from "./backward-kernel.ts";

/**
 * The gradient of attention over any pattern. Where weights share a sum, the forward pass leaves its output and two numbers
 * a row, together its log-sum-exp: Dao et al. 2022, arXiv 2205.14135.
 */
export function prepareSoftmaxGradient(
  problem: Problem<Gradient<SoftmaxPattern>>,
  { ffi, output }: Means,
): Runnable {
  const { shape, inputs, mechanism } = problem;
  const within = problemWithin(problem);
  const { out, gradients } = gradientArrays(problem, output);
  const { dq, dk, dv } = gradients;
  const forwardOut = out ?? new Float32Array(elementCount(shape, "output"));
  const means: Means = { ffi, output: forwardOut };
  const sharesSum = rowNumbersOf(within.mechanism.normaliser).normaliser === "softmax";
  const isTraining = makesOutput(mechanism);
  const { forward, left } = sharesSum
    ? prepareLeaving(within, within.mechanism, means)
    : {
        forward: isTraining ? prepareAttention(within, within.mechanism, means) : null,
        left: rowsByKeys(within),
      };
  const backward = prepareBackward(within, within.mechanism, ffi, {
    ...{ left, out: sharesSum ? forwardOut : null, dout: tensorNamed(inputs, DOUT) },
    ...{ dq, dk, dv, dtable: gradients[gradientName(BIAS_TABLE)] },
  });
  const together = (of: "executedFlops" | "bytes"): number =>
    backward[of] + (isTraining ? (forward?.[of] ?? 0) : 0);
  const saves = !isTraining && sharesSum;
  return {
    ...(saves && { save: () => forward?.run(), saved: () => [left.base, left.factor, forwardOut] }),
    run() {
      if (isTraining) forward?.run();
      backward.run();
    },
    output: () => output,
    workspaceBytes:
      (forward?.workspaceBytes ?? left.base.byteLength + left.factor.byteLength) +
      backward.workspaceBytes +
      (saves ? forwardOut.byteLength : 0),
    executedFlops: together("executedFlops"),
    bytes: together("bytes"),
    dispose() {
      forward?.dispose();
      backward.close();
    },
  };
}

/** The numbers of rows whose weights share no sum: they follow from how many keys a row attends. */
function rowsByKeys(problem: Problem<SoftmaxPattern>): RowsLeft {
  const { shape, mechanism } = problem;
  const { normaliser, number, of } = rowNumbersOf(mechanism.normaliser);
  const rows = countRows(shape);
  const [base, factor] = [new Float32Array(rows), new Float32Array(rows).fill(1)];
  const patterns = bindHeads(mechanism, problem);
  const keys = new Map([...new Set(patterns)].map((pattern) => [pattern, visibleKeys(pattern)]));
  for (let row = 0; row < rows; row++) {
    const head = Math.floor(row / shape.queries) % shape.heads;
    const seen = keys.get(patterns[head])?.[row % shape.queries] ?? 0;
    const own = of === null ? number : of(seen);
    if (normaliser === "relu") factor[row] = own;
    else base[row] = -own;
  }
  return { base, factor };
}

function countRows({ batch, heads, queries }: Shape): number {
  return batch * heads * queries;
}
