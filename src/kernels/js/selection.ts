import { isSelection, type Selection } from "../../mechanisms/selection/declare.ts";
import type { Ability } from "../by-kind.ts";
import type { Means } from "./means.ts";
import { prepareReformer } from "./reformer-kernel.ts";
import { prepareRouting } from "./routing-kernel.ts";
import { prepareSelection } from "./selection-kernel.ts";
import { isQueryRule } from "./selection-rule.ts";
import { prepareSelectionSteps } from "./selection-stepper.ts";

/** Softmax over what a rule chooses, gathered. */
export const selection: Ability<Selection, Means> = {
  is: isSelection,
  whyNot({ mechanism: { rule }, causal }) {
    if (rule.id === "quest" && !causal) return "quest is always causal; add --causal";
    return rule.id === "reformer" || rule.id === "routing" ? null : whyNotRule(rule);
  },
  prepare(problem, { output }) {
    const { rule, scale = 1 / Math.sqrt(problem.shape.headDim) } = problem.mechanism;
    if (rule.id === "reformer") return prepareReformer(problem, rule, scale, output);
    if (rule.id === "routing") return prepareRouting(problem, rule, scale, output);
    if (!isQueryRule(rule)) throw new TypeError(whyNotRule(rule) ?? "");
    return prepareSelection(problem, rule, output);
  },
  decode: {
    whyNot: ({ mechanism: { rule } }) => whyNotRule(rule),
    prepare(task) {
      const { rule } = task.mechanism;
      if (!isQueryRule(rule)) throw new TypeError(whyNotRule(rule) ?? "");
      return prepareSelectionSteps(task, rule);
    },
  },
};

function whyNotRule(rule: Selection["rule"]): string | null {
  return isQueryRule(rule) ? null : `it does not choose by ${rule.id}`;
}
