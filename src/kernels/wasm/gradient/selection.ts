import { type Gradient, isGradientOf } from "../../../mechanisms/gradient/declare.ts";
import { isSelection, type Rule, type Selection } from "../../../mechanisms/selection/declare.ts";
import type { Ability } from "../../by-kind.ts";
import { whyNotCausal } from "../../selects-causal.ts";
import { whyTooWide } from "../fits.ts";
import type { Means } from "../means.ts";
import { prepareSelectionGradient, type TiledRule } from "./chosen/selection-kernel.ts";

/** The gradient of attention to chosen keys, through the choice of the forward pass. */
export const selectionGradient: Ability<Gradient<Selection>, Means> = {
  is: isGradientOf(isSelection),
  whyNot: ({ mechanism: { of }, shape, causal }) =>
    whyNotCausal(of.rule, causal) ?? whyTooWide(shape) ?? whyNotRule(of.rule),
  prepare(problem, means) {
    const { rule } = problem.mechanism.of;
    if (!isTiled(rule)) throw new TypeError(whyNotRule(rule) ?? "");
    return prepareSelectionGradient(problem, rule, means);
  },
};

function isTiled(rule: Rule): rule is TiledRule {
  return rule.id !== "reformer" && rule.id !== "routing";
}

function whyNotRule(rule: Rule): string | null {
  return isTiled(rule) ? null : `it computes no gradient of ${rule.id}`;
}
