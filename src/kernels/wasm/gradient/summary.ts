import { type Gradient, isGradientOf, taskWithin } from "../../../mechanisms/gradient/declare.ts";
import { chainOf, isSummary, type Summary } from "../../../mechanisms/summary/declare.ts";
import type { Ability } from "../../by-kind.ts";
import type { Means } from "../means.ts";
import { whyNotSummary } from "../summary.ts";
import { whyNotBack } from "./chain/plan-back.ts";
import { prepareChainGradient } from "./chain-kernel.ts";

/** The gradient of attention through summaries: the steps of its chain, from the last to the first. */
export const summaryGradient: Ability<Gradient<Summary>, Means> = {
  is: isGradientOf(isSummary),
  whyNot(task) {
    const within = taskWithin(task);
    const reasons = chainOf(within.mechanism, within.shape, within.causal).map(whyNotBack);
    return whyNotSummary(within) ?? reasons.find((reason) => reason !== null) ?? null;
  },
  prepare(problem, means) {
    const { mechanism, shape, causal } = problem;
    return prepareChainGradient(problem, chainOf(mechanism.of, shape, causal), mechanism.of.inputs, means);
  },
};
