import type { Task } from "../../core/problem.ts";
import { attendSize, type Sizes, sizeIn, sizesOf } from "../../mechanisms/summary/chain-sizes.ts";
import {
  type Attend,
  chainOf,
  isSummary,
  type Step,
  type Summary,
} from "../../mechanisms/summary/declare.ts";
import type { Ability } from "../by-kind.ts";
import type { Means } from "./means.ts";
import { MOST_CHANNELS } from "./pairwise/layout.ts";
import { prepareChain } from "./summary/chain-kernel.ts";

/** Attention through summaries whose chain is products, means and softmax attention. */
export const summary: Ability<Summary, Means> = {
  is: isSummary,
  whyNot,
  prepare: prepareChain,
};

function whyNot(task: Task<Summary>): string | null {
  const { mechanism, shape, causal } = task;
  if (causal && !mechanism.causal) return `${mechanism.text} mixes tokens before and after; omit --causal`;
  const steps = chainOf(mechanism, shape, causal);
  const sizes = sizesOf(steps, mechanism.inputs, shape);
  for (const step of steps) {
    const missing = whyNotStep(step, sizes);
    if (missing !== null) return missing;
    const wide = attended(step).find((name) => sizeIn(sizes, name).width > MOST_CHANNELS);
    if (wide !== undefined) {
      return `what is attended must be at most ${MOST_CHANNELS} wide, got ${sizeIn(sizes, wide).width}`;
    }
  }
  return null;
}

function whyNotStep(step: Step, sizes: Sizes): string | null {
  switch (step.step) {
    case "means":
    case "sum":
    case "product":
    case "weights":
    case "pseudo-inverse":
    case "half-squares":
    case "log-sizes":
    case "less-log-sums":
      return null;
    case "attend":
      if (step.queries === null || step.keys === null) return whyNotUnits(step);
      return step.bias === undefined && step.logSums === undefined ? null : whyNotBiased(step, sizes);
    default:
      return `it does no ${step.step}`;
  }
}

/** Unit vectors attend one matrix, all of it. */
function whyNotUnits({ also, ended }: Attend): string | null {
  return also === undefined && ended === undefined ? null : "its unit vectors attend one matrix, all of it";
}

/** With a bias, or log-sums, there is a number for each pair: of few queries, or of few keys. */
function whyNotBiased(step: Attend, sizes: Sizes): string | null {
  if (step.also !== undefined || step.ended !== undefined) {
    return "with a bias it attends one matrix, all of it";
  }
  const { queries, keys } = attendSize(step, sizes);
  if (step.logSums !== undefined && queries > keys) return "it keeps log-sums of no more queries than keys";
  const few = Math.min(queries, keys);
  return few <= MOST_CHANNELS
    ? null
    : `with a bias it attends at most ${MOST_CHANNELS} summaries, got ${few}`;
}

/** The matrices whose rows are keys or values of an attention; those of weights are as wide as what they make. */
function attended(step: Step): string[] {
  if (step.step === "weights") return [step.keys, step.to];
  if (step.step !== "attend" || step.queries === null || step.keys === null) return [];
  const { keys, values, also = [] } = step;
  return [keys, values, ...also.map((one) => one.values)];
}
