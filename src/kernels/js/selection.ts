import { isSelection, type Selection } from "../../mechanisms/selection/declare.ts";
import type { Ability } from "../by-kind.ts";
import { whyNotCausal } from "../selects-causal.ts";
import type { Means } from "./means.ts";
import { prepareNsa } from "./nsa-kernel.ts";
import { prepareNsaSteps } from "./nsa-stepper.ts";
import { prepareReformer } from "./reformer-kernel.ts";
import { prepareRouting } from "./routing-kernel.ts";
import { prepareSelection } from "./selection-kernel.ts";
import { isQueryRule } from "./selection-rule.ts";
import { prepareSelectionSteps } from "./selection-stepper.ts";

/** Softmax over what a rule chooses, gathered. */
export const selection: Ability<Selection, Means> = {
  is: isSelection,
  whyNot: ({ mechanism: { rule }, causal }) => whyNotCausal(rule, causal),
  prepare(problem, { output }) {
    const { rule, scale = 1 / Math.sqrt(problem.shape.headDim) } = problem.mechanism;
    if (rule.id === "reformer") return prepareReformer(problem, rule, scale, output);
    if (rule.id === "routing") return prepareRouting(problem, rule, scale, output);
    if (rule.id === "nsa") return prepareNsa(problem, rule, output);
    return prepareSelection(problem, rule, output);
  },
  decode: {
    whyNot: ({ mechanism: { rule } }) => whyNotStep(rule),
    prepare(task, _means, weights) {
      const { rule } = task.mechanism;
      if (rule.id === "nsa") return prepareNsaSteps(task, rule, weights);
      if (!isQueryRule(rule)) throw new TypeError(whyNotStep(rule) ?? "");
      return prepareSelectionSteps(task, rule);
    },
  },
};

function whyNotStep(rule: Selection["rule"]): string | null {
  return isQueryRule(rule) || rule.id === "nsa" ? null : `it decodes no ${rule.id}`;
}
