import type { Problem } from "../../../core/problem.ts";
import { elementCount, FLOAT_BYTES, type Layout } from "../../../core/shape.ts";
import { layoutBy } from "../../../core/tensor-spec.ts";
import {
  type Gradient,
  gradientArrays,
  isGradientOf,
  problemWithin,
} from "../../../mechanisms/gradient/declare.ts";
import { chainOf, isSummary, type Step, type Summary } from "../../../mechanisms/summary/declare.ts";
import type { Ability } from "../../by-kind.ts";
import type { Runnable } from "../../kernel.ts";
import { Workspace } from "../../workspace.ts";
import { Matrices } from "../chain-matrices.ts";
import type { Means } from "../means.ts";
import { prepareStep } from "../summary-kernel.ts";
import { attendBack, lessLogSumsBack } from "./chain/attend.ts";
import { attendBlocksBack, balanceBack, mixBlocksBack } from "./chain/blocks.ts";
import { pseudoInverseBack } from "./chain/inverse.ts";
import { MatricesBack, type StepBack } from "./chain/matrices.ts";
import {
  clustersBack,
  convolveBack,
  halfSquaresBack,
  meansBack,
  productBack,
  sumBack,
  weightsBack,
} from "./chain/rows.ts";
import { spreadBack } from "./chain/spread.ts";
import { type HeadAt, SumsByHead } from "./sums-by-head.ts";

/** The gradients of chains of any steps. */
export const summaryGradient: Ability<Gradient<Summary>, Means> = {
  is: isGradientOf(isSummary),
  whyNot: ({ mechanism: { of }, causal }) =>
    causal && !of.causal ? `${of.text} mixes tokens before and after; omit --causal` : null,
  prepare: (problem, { output }) => prepareSummaryGradient(problem, output),
};

/**
 * A head at a time there and back: what steps make is small, and is made once more where the output is not asked for, so
 * that nothing is saved.
 */
function prepareSummaryGradient(problem: Problem<Gradient<Summary>>, output: Float32Array): Runnable {
  const within = problemWithin(problem);
  const { mechanism, shape, causal } = within;
  const { batch, heads } = shape;
  const { out, gradients } = gradientArrays(problem, output);
  const workspace = new Workspace();
  const steps = chainOf(mechanism, shape, causal);
  const unasked = new Float32Array(out === null ? elementCount(shape, "output") : 0);
  workspace.add(unasked);
  const matrices = new Matrices(within, out ?? unasked, workspace);
  const prepared = steps.map((step) => ({ step, forward: prepareStep(step, matrices, workspace) }));
  // Nobody reads the output of a backward pass.
  const forward = prepared
    .filter(({ step }) => out !== null || !makesNothingElse(step))
    .map((one) => one.forward);
  const layouts: Record<string, Layout> = Object.fromEntries(
    Object.entries(mechanism.inputs).map(([name, spec]) => [name, layoutBy(shape, spec)]),
  );
  const sums = new SumsByHead(problem, layouts, gradients, workspace);
  const isInput = (name: string): boolean =>
    name === "q" || name === "k" || name === "v" || Object.hasOwn(layouts, name);
  const back = new MatricesBack(matrices, sums, isInput, workspace);
  const backward = steps
    .map((step) => prepareBack(step, back, matrices))
    .filter((step) => step !== null)
    .toReversed();
  let last = -1;
  const runHead = (at: HeadAt): void => {
    const group = at.entry * shape.kvHeads + at.kvHead;
    for (const step of forward) if (step.perHead || group !== last) step.run(at);
    last = group;
    back.clear();
    for (const step of backward) step.run(at);
  };
  const perHead =
    forward.reduce((sum, { flops }) => sum + flops, 0) + backward.reduce((sum, { flops }) => sum + flops, 0);
  const floats = forward.reduce((sum, one) => sum + one.floats, 0);
  return {
    run() {
      last = -1;
      sums.run(runHead);
    },
    output: () => output,
    workspaceBytes: workspace.bytes,
    executedFlops: batch * heads * perHead,
    bytes: FLOAT_BYTES * (2 * batch * heads * floats + output.length),
    dispose() {},
  };
}

function makesNothingElse(step: Step): boolean {
  return (
    step.to === "out" && (step.step !== "attend" || (step.also === undefined && step.logSums === undefined))
  );
}

/** A step on the way back; null if it hands nothing on. */
function prepareBack(step: Step, back: MatricesBack, matrices: Matrices): StepBack | null {
  switch (step.step) {
    case "means":
      return meansBack(step, back);
    case "sum":
      return sumBack(step, back);
    case "product":
      return productBack(step, back);
    case "attend":
      return attendBack(step, back);
    case "weights":
      return weightsBack(step, back);
    case "pseudo-inverse":
      return pseudoInverseBack(step, back);
    case "half-squares":
      return halfSquaresBack(step, back);
    case "log-sizes":
      // How many rows there are is no number of the call.
      back.prepare(step.to);
      return null;
    case "less-log-sums":
      return lessLogSumsBack(step, back);
    case "convolve":
      return convolveBack(step, back);
    case "clusters":
      return clustersBack(step, back, matrices.get(step.members));
    case "spread":
      return spreadBack(step, back, matrices.get(step.members));
    case "balance":
      return balanceBack(step, back);
    case "mix-blocks":
      return mixBlocksBack(step, back);
    case "attend-blocks":
      return attendBlocksBack(step, back);
    default:
      return step satisfies never;
  }
}
