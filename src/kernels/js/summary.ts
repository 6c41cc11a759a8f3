import { chainOf, isSummary, poolingOf, type Summary } from "../../mechanisms/summary/declare.ts";
import type { Ability } from "../by-kind.ts";
import type { Means } from "./means.ts";
import { prepareSummary } from "./summary-kernel.ts";
import { preparePooledSteps } from "./summary-stepper.ts";

/** Attention through summaries, by chains of any steps. */
export const summary: Ability<Summary, Means> = {
  is: isSummary,
  whyNot: ({ mechanism, causal }) =>
    causal && !mechanism.causal ? `${mechanism.text} mixes tokens before and after; omit --causal` : null,
  prepare: (problem, { output }) => prepareSummary(problem, output),
  decode: {
    whyNot: ({ mechanism, shape }) =>
      mechanism.causal && poolingOf(chainOf(mechanism, shape, true)) !== null
        ? null
        : `decoding is not defined for ${mechanism.text}`,
    prepare: (task) => preparePooledSteps(task),
  },
};
