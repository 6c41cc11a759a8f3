import type { Problem } from "../../../core/problem.ts";
import { readBy } from "../../../mechanisms/summary/chain-sizes.ts";
import { chainOf, type Step, type Summary } from "../../../mechanisms/summary/declare.ts";
import type { Runnable } from "../../kernel.ts";
import { ownFloats } from "../call/own-floats.ts";
import type { Means } from "../means.ts";
import { planAttend, planWeights } from "./attend.ts";
import { planLessLogSums, planLogSizes } from "./biased.ts";
import { planInverse } from "./inverse.ts";
import { ChainMatrices } from "./matrices.ts";
import { planMeans } from "./means.ts";
import type { ChainPart } from "./part.ts";
import type { Planning } from "./planning.ts";
import { planProducts, planSum } from "./products.ts";
import { planHalfSquares } from "./unit-vectors.ts";

/** Carries out a chain of matrix steps, each for all heads before the next. */
export function prepareChain(problem: Problem<Summary>, { ffi, output }: Means): Runnable {
  const { mechanism, shape, causal, threads } = problem;
  const steps = chainOf(mechanism, shape, causal);
  const matrices = new ChainMatrices(problem, steps, output, ffi);
  const planning: Planning = { matrices, means: { ffi, threads }, ones: ownFloats(ffi, 1).fill(1) };
  const parts = together(steps).flatMap((group) => planSteps(planning, group));
  const sumOf = (number: (part: ChainPart) => number): number =>
    parts.reduce((sum, part) => sum + number(part), 0);
  return {
    run() {
      for (const part of parts) part.run();
    },
    output: () => output,
    workspaceBytes: matrices.bytes + sumOf(({ workspaceBytes }) => workspaceBytes),
    executedFlops: sumOf(({ flops }) => flops),
    bytes: sumOf(({ bytes }) => bytes),
    dispose() {
      for (const part of parts) part.close();
    },
  };
}

/** Carries out steps of one kind together. */
function planSteps(planning: Planning, steps: readonly Step[]): ChainPart | readonly ChainPart[] {
  const [step] = steps;
  switch (step.step) {
    case "means":
      return planMeans(
        planning,
        steps.filter((one) => one.step === "means"),
      );
    case "product":
      return planProducts(
        planning,
        steps.filter((one) => one.step === "product"),
      );
    case "sum":
      return planSum(planning, step);
    case "attend":
      return planAttend(planning, step);
    case "weights":
      return planWeights(planning, step);
    case "pseudo-inverse":
      return planInverse(planning, step);
    case "half-squares":
      return planHalfSquares(planning, step);
    case "log-sizes":
      return planLogSizes(planning, step);
    case "less-log-sums":
      return planLessLogSums(planning, step);
    default:
      throw new TypeError(`chain: native does no ${step.step}`);
  }
}

/** Steps that follow one another, where they are means or products of what none of them makes with it; others are alone. */
function together(chain: readonly Step[]): Step[][] {
  const groups: Step[][] = [];
  for (const step of chain) {
    const last = groups.at(-1);
    const joins =
      (step.step === "means" || step.step === "product") &&
      last?.[0].step === step.step &&
      !last.some(({ to }) => readBy(step).includes(to));
    if (joins) last.push(step);
    else groups.push([step]);
  }
  return groups;
}
