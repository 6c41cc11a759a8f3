import { isSelection, type Selection } from "../../mechanisms/selection/declare.ts";
import type { Ability } from "../by-kind.ts";
import { whyTooWide } from "./fits.ts";
import type { Means } from "./means.ts";
import { prepareReformer } from "./reformer-kernel.ts";
import { prepareRouting } from "./routing-kernel.ts";

/** Softmax over what a rule chooses. */
export const selection: Ability<Selection, Means> = {
  is: isSelection,
  whyNot: ({ mechanism: { rule }, shape }) =>
    rule.id === "reformer" || rule.id === "routing" ? whyTooWide(shape) : `it does not choose by ${rule.id}`,
  prepare(problem, means) {
    const { rule, scale = 1 / Math.sqrt(problem.shape.headDim) } = problem.mechanism;
    if (rule.id === "reformer") return prepareReformer(problem, rule, scale, means);
    if (rule.id === "routing") return prepareRouting(problem, rule, scale, means);
    throw new TypeError(`it does not choose by ${rule.id}`);
  },
};
