import { isReduced } from "../../core/dtype.ts";
import type { Task } from "../../core/problem.ts";
import { chainOf, isSummary, type Step, type Summary } from "../../mechanisms/summary/declare.ts";
import type { Ability } from "../by-kind.ts";
import type { Runnable } from "../kernel.ts";
import { whyNotHalves } from "./halves.ts";
import type { Means } from "./means.ts";
import { prepareChain } from "./summary/chain.ts";
import { isDone } from "./summary/sizes.ts";

/** Attention through summaries whose chain is products, means, softmax attention and what numbers become one by one. */
export const summary: Ability<Summary, Means, Promise<Runnable>> = {
  is: isSummary,
  whyNot,
  prepare: (problem, means) => prepareChain(problem, means),
};

function whyNot({ mechanism, shape, causal, dtype }: Task<Summary>): string | null {
  if (causal && !mechanism.causal) return `${mechanism.text} mixes tokens before and after; omit --causal`;
  const steps = chainOf(mechanism, shape, causal);
  const undone = steps.find((step) => !isDone(step));
  if (undone !== undefined) return `it does no ${undone.step}`;
  return steps.map(whyNotStep).find((why) => why !== null) ?? (isReduced(dtype) ? whyNotHalves(shape) : null);
}

function whyNotStep(step: Step): string | null {
  if (step.step !== "attend" || step.ended === undefined) return null;
  const others = step.bias ?? step.logSums ?? (step.queries === null || step.keys === null ? "" : undefined);
  return others === undefined ? null : "with a bias, or by unit vectors, it attends all of a matrix";
}
