import { isSelection, type Selection } from "../../mechanisms/selection/declare.ts";
import type { Ability } from "../by-kind.ts";
import type { Means } from "./means.ts";
import { prepareNsa } from "./nsa-kernel.ts";
import { prepareNsaSteps } from "./nsa-stepper.ts";
import { prepareSelection } from "./selection-kernel.ts";
import { isQueryRule } from "./selection-rule.ts";
import { prepareSelectionSteps } from "./selection-stepper.ts";

/** Softmax over what a rule chooses, gathered. */
export const selection: Ability<Selection, Means> = {
  is: isSelection,
  whyNot: ({ mechanism: { rule }, causal }) =>
    (rule.id === "quest" || rule.id === "nsa") && !causal
      ? `${rule.id} is always causal; add --causal`
      : whyNotRule(rule),
  prepare(problem, { output }) {
    const { rule } = problem.mechanism;
    if (rule.id === "nsa") return prepareNsa(problem, rule, output);
    if (!isQueryRule(rule)) throw new TypeError(whyNotRule(rule) ?? "");
    return prepareSelection(problem, rule, output);
  },
  decode: {
    whyNot: ({ mechanism: { rule } }) => whyNotRule(rule),
    prepare(task, _means, weights) {
      const { rule } = task.mechanism;
      if (rule.id === "nsa") return prepareNsaSteps(task, rule, weights);
      if (!isQueryRule(rule)) throw new TypeError(whyNotRule(rule) ?? "");
      return prepareSelectionSteps(task, rule);
    },
  },
};

function whyNotRule(rule: Selection["rule"]): string | null {
  return isQueryRule(rule) || rule.id === "nsa" ? null : `it does not choose by ${rule.id}`;
}
