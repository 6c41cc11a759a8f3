import type { Step } from "../../../../mechanisms/summary/declare.ts";
import { rowItems } from "../../chain/machine-step.ts";
import type { PlanningBack } from "./along.ts";
import { planAttendBack, planLogSumsBack } from "./plan-attend.ts";
import { planInverseBack, planProductBack, planWeightsBack } from "./plan-products.ts";
import {
  planClustersBack,
  planConvolveBack,
  planMeansBack,
  planSpreadBack,
  planSquaresBack,
  planSumBack,
} from "./plan-rows.ts";

const ROWS_TOGETHER = 512;

/** Why a step has no way back here; null if it has one. */
export function whyNotBack(step: Step): string | null {
  switch (step.step) {
    case "balance":
    case "mix-blocks":
    case "attend-blocks":
      return "it computes no gradient of balanced blocks";
    case "spread":
      return step.improved === undefined ? null : "it computes no gradient of improved clusters";
    default:
      return null;
  }
}

/** Plans the steps of a chain from the last to the first, each in phases after those before it. */
export function planStepsBack(planning: PlanningBack, chain: readonly Step[]): void {
  // Sums are cleared first.
  planning.phase = 1;
  for (const step of chain.toReversed()) planStepBack(planning, step);
  for (const sums of planning.along.cleared) {
    planning.steps.push({
      kind: "clear",
      words: { to: { matrix: sums } },
      phase: 0,
      items: rowItems(sums.rows, ROWS_TOGETHER, sums.columns),
      flops: 0,
      touched: [],
    });
  }
}

function planStepBack(planning: PlanningBack, step: Step): void {
  switch (step.step) {
    case "means":
      planMeansBack(planning, step);
      break;
    case "sum":
      planSumBack(planning, step);
      break;
    case "product":
      planProductBack(planning, step);
      break;
    case "attend":
      planAttendBack(planning, step);
      break;
    case "weights":
      planWeightsBack(planning, step);
      break;
    case "pseudo-inverse":
      planInverseBack(planning, step);
      break;
    case "half-squares":
      planSquaresBack(planning, step);
      break;
    case "less-log-sums":
      planLogSumsBack(planning, step);
      break;
    case "convolve":
      planConvolveBack(planning, step);
      break;
    case "clusters":
      planClustersBack(planning, step);
      break;
    case "spread":
      planSpreadBack(planning, step);
      break;
    case "log-sizes":
      // How many rows there are is no number of the call.
      break;
    case "balance":
    case "mix-blocks":
    case "attend-blocks":
      throw new TypeError(`chain: ${whyNotBack(step)}`);
    default:
      step satisfies never;
  }
}
