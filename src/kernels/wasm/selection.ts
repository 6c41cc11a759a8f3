import { FLOAT_BYTES, type Shape } from "../../core/shape.ts";
import { isSelection, type Rule, type Selection } from "../../mechanisms/selection/declare.ts";
import type { Ability } from "../by-kind.ts";
import { MOST_BYTES, whyTooWide } from "./fits.ts";
import type { Means } from "./means.ts";
import { prepareSelection } from "./selection/selection-kernel.ts";
import { prepareSelectionSteps } from "./selection/selection-stepper.ts";
import type { BlockRule } from "./selection/sizes.ts";
import { keptFloats } from "./selection/step-bytes.ts";

/** Attention to what a rule chooses from blocks or single keys. */
export const selection: Ability<Selection, Means> = {
  is: isSelection,
  whyNot({ mechanism: { rule }, shape, causal }) {
    if ((rule.id === "quest" || rule.id === "nsa") && !causal) {
      return `${rule.id} is always causal; add --causal`;
    }
    return whyNotRule(rule) ?? whyTooWide(shape);
  },
  prepare(problem, means) {
    const { rule } = problem.mechanism;
    if (!isBlockRule(rule)) throw new TypeError(whyNotRule(rule) ?? "");
    return prepareSelection(problem, rule, means);
  },
  decode: {
    whyNot: ({ mechanism: { rule }, shape }) =>
      isBlockRule(rule) ? (whyTooWide(shape) ?? whyTooLong(rule, shape)) : whyNotRule(rule),
    prepare(task, { build }, weights) {
      const { rule } = task.mechanism;
      if (!isBlockRule(rule)) throw new TypeError(whyNotRule(rule) ?? "");
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
  return rule.id === "top-k" || rule.id === "moba" || rule.id === "quest" || rule.id === "nsa";
}

function whyNotRule(rule: Rule): string | null {
  return isBlockRule(rule) ? null : `it computes no ${rule.id}; js does`;
}
