import { FLOAT_BYTES, type Shape } from "../../core/shape.ts";
import { isSelection, type Rule, type Selection } from "../../mechanisms/selection/declare.ts";
import type { Ability } from "../by-kind.ts";
import { whyNotCausal } from "../selects-causal.ts";
import { MOST_BYTES, whyTooWide } from "./fits.ts";
import type { Means } from "./means.ts";
import { prepareReformer } from "./reformer-kernel.ts";
import { prepareRouting } from "./routing-kernel.ts";
import { prepareSelection } from "./selection/selection-kernel.ts";
import { prepareSelectionSteps } from "./selection/selection-stepper.ts";
import type { BlockRule } from "./selection/sizes.ts";
import { keptFloats } from "./selection/step-bytes.ts";

/** Attention to what a rule chooses: groups of tokens, blocks or single keys. */
export const selection: Ability<Selection, Means> = {
  is: isSelection,
  whyNot: ({ mechanism: { rule }, shape, causal }) => whyNotCausal(rule, causal) ?? whyTooWide(shape),
  prepare(problem, means) {
    const { rule, scale = 1 / Math.sqrt(problem.shape.headDim) } = problem.mechanism;
    if (rule.id === "reformer") return prepareReformer(problem, rule, scale, means);
    if (rule.id === "routing") return prepareRouting(problem, rule, scale, means);
    return prepareSelection(problem, rule, means);
  },
  decode: {
    whyNot: ({ mechanism: { rule }, shape }) =>
      isBlockRule(rule) ? (whyTooWide(shape) ?? whyTooLong(rule, shape)) : whyNotStep(rule),
    prepare(task, { build }, weights) {
      const { rule } = task.mechanism;
      if (!isBlockRule(rule)) throw new TypeError(whyNotStep(rule) ?? "");
      return prepareSelectionSteps(task, rule, build, weights);
    },
  },
};

/** Why what decoding keeps does not fit; null if it does. */
function whyTooLong(rule: BlockRule, { batch, kvHeads, ...shape }: Shape): string | null {
  const floats = batch * kvHeads * keptFloats(rule, shape);
  return FLOAT_BYTES * floats <= MOST_BYTES
    ? null
    : "the keys and values that are kept, and what is made of them, must fit into 3.5 GiB of 32-bit memory";
}

function isBlockRule(rule: Rule): rule is BlockRule {
  return rule.id !== "reformer" && rule.id !== "routing";
}

function whyNotStep(rule: Rule): string | null {
  return isBlockRule(rule) ? null : `it decodes no ${rule.id}`;
}
