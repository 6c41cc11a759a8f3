import type { Task } from "../../core/problem.ts";
import { layoutBy } from "../../core/tensor-spec.ts";
import { chainOf, isSummary, poolingOf, type Step, type Summary } from "../../mechanisms/summary/declare.ts";
import type { Ability } from "../by-kind.ts";
import { prepareChain } from "./chain/chain-kernel.ts";
import { whyTooWide } from "./fits.ts";
import { MOST_BITS, MOST_VALUES } from "./layout.ts";
import type { Means } from "./means.ts";
import { preparePooledSteps } from "./pooled-stepper.ts";

/** Attention through summaries: the steps of its chain, one after another. */
export const summary: Ability<Summary, Means> = {
  is: isSummary,
  whyNot: whyNotSummary,
  prepare(problem, means) {
    const { mechanism, shape, causal } = problem;
    return prepareChain(problem, chainOf(mechanism, shape, causal), mechanism.inputs, means);
  },
  decode: {
    whyNot(task) {
      const { mechanism, shape } = task;
      const pooled = mechanism.causal && poolingOf(chainOf(mechanism, shape, true)) !== null;
      return pooled ? whyTooWide(shape) : `decoding is not defined for ${mechanism.text}`;
    },
    prepare: (task, { build }) => preparePooledSteps(task, build),
  },
};

/** Why a task of the kind is not taken; null if it is. */
export function whyNotSummary(task: Task<Summary>): string | null {
  const { mechanism, shape, causal } = task;
  if (causal && !mechanism.causal) return `${mechanism.text} mixes tokens before and after; omit --causal`;
  const wide = whyTooWide(shape);
  if (wide !== null) return wide;
  const reasons = chainOf(mechanism, shape, causal).map((step) => whyNotStep(step, task));
  return reasons.find((reason) => reason !== null) ?? null;
}

function whyNotStep(step: Step, { mechanism: { inputs }, shape }: Task<Summary>): string | null {
  if (step.step === "attend") {
    const values = 1 + (step.also?.length ?? 0);
    return values <= MOST_VALUES ? null : `it weighs at most ${MOST_VALUES} values at once, got ${values}`;
  }
  if (step.step !== "clusters") return null;
  const planes = inputs[step.planes];
  const bits = planes === undefined ? 0 : layoutBy(shape, planes).rows;
  return bits <= MOST_BITS ? null : `a hash has at most ${MOST_BITS} bits, got ${bits}`;
}
