import type { Problem } from "../../core/problem.ts";
import { FLOAT_BYTES } from "../../core/shape.ts";
import { chainOf, type Step, type Summary } from "../../mechanisms/summary/declare.ts";
import type { Runnable } from "../kernel.ts";
import { Workspace } from "../workspace.ts";
import { prepareAttend } from "./chain-attend.ts";
import { prepareAttendBlocks, prepareBalance, prepareMixBlocks } from "./chain-blocks.ts";
import { prepareClusters } from "./chain-clusters.ts";
import { preparePseudoInverse } from "./chain-inverse.ts";
import { Matrices, placesOf } from "./chain-matrices.ts";
import { prepareSpread } from "./chain-spread.ts";
import type { ChainStep } from "./chain-step.ts";
import {
  prepareConvolve,
  prepareHalfSquares,
  prepareLessLogSums,
  prepareLogSizes,
  prepareMeans,
  prepareProduct,
  prepareSum,
  prepareWeights,
} from "./chain-sums.ts";

/**
 * A chain, step by step for one head after the other; what follows from k and v alone once for the heads that share
 * them. What steps make is float64.
 */
export function prepareSummary(problem: Problem<Summary>, output: Float32Array): Runnable {
  const { mechanism, shape, causal } = problem;
  const workspace = new Workspace();
  const matrices = new Matrices(problem, output, workspace);
  const steps = chainOf(mechanism, shape, causal).map((step) => prepareStep(step, matrices, workspace));
  const places = placesOf(shape);
  const groups = shape.batch * shape.kvHeads;
  const sum = (of: (step: ChainStep) => number): number =>
    steps.reduce((total, step) => total + (step.perHead ? places.length : groups) * of(step), 0);
  return {
    run() {
      let last = -1;
      for (const place of places) {
        const group = place.entry * shape.kvHeads + place.kvHead;
        for (const step of steps) if (step.perHead || group !== last) step.run(place);
        last = group;
      }
    },
    output: () => output,
    workspaceBytes: workspace.bytes,
    executedFlops: sum(({ flops }) => flops),
    bytes: FLOAT_BYTES * sum(({ floats }) => floats),
    dispose() {},
  };
}

export function prepareStep(step: Step, matrices: Matrices, workspace: Workspace): ChainStep {
  switch (step.step) {
    case "means":
      return prepareMeans(step, matrices, workspace);
    case "sum":
      return prepareSum(step, matrices);
    case "product":
      return prepareProduct(step, matrices, workspace);
    case "attend":
      return prepareAttend(step, matrices, workspace);
    case "weights":
      return prepareWeights(step, matrices, workspace);
    case "pseudo-inverse":
      return preparePseudoInverse(step, matrices, workspace);
    case "half-squares":
      return prepareHalfSquares(step, matrices);
    case "log-sizes":
      return prepareLogSizes(step, matrices);
    case "less-log-sums":
      return prepareLessLogSums(step, matrices, workspace);
    case "convolve":
      return prepareConvolve(step, matrices, workspace);
    case "clusters":
      return prepareClusters(step, matrices, workspace);
    case "spread":
      return prepareSpread(step, matrices, workspace);
    case "balance":
      return prepareBalance(step, matrices, workspace);
    case "mix-blocks":
      return prepareMixBlocks(step, matrices, workspace);
    case "attend-blocks":
      return prepareAttendBlocks(step, matrices, workspace);
    default:
      return step satisfies never;
  }
}
