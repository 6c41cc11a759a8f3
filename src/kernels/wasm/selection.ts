import { isSelection, type Rule, type Selection } from "../../mechanisms/selection/declare.ts";
import type { Ability } from "../by-kind.ts";
import { whyTooWide } from "./fits.ts";
import type { Means } from "./means.ts";
import { prepareSelection } from "./selection/selection-kernel.ts";
import type { BlockRule } from "./selection/sizes.ts";

/** Attention to what a rule chooses from blocks or single keys. */
export const selection: Ability<Selection, Means> = {
  is: isSelection,
  whyNot: ({ mechanism: { rule }, shape }) => whyNotRule(rule) ?? whyTooWide(shape),
  prepare(problem, means) {
    const { rule } = problem.mechanism;
    if (!isBlockRule(rule)) throw new TypeError(whyNotRule(rule) ?? "");
    return prepareSelection(problem, rule, means);
  },
};

function isBlockRule(rule: Rule): rule is BlockRule {
  return rule.id === "top-k" || rule.id === "moba" || rule.id === "quest" || rule.id === "nsa";
}

function whyNotRule(rule: Rule): string | null {
  return isBlockRule(rule) ? null : `it computes no ${rule.id}; js does`;
}
