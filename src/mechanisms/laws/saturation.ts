import { parameterize } from "../../core/variant.ts";
import { fullOracle } from "../full-oracle.ts";
import type { JudgedProblem } from "../judged.ts";
import type { Oracle } from "../oracle.ts";
import { type Law, problemOf, type Subject } from "./law.ts";

/**
 * Window ≥ N, stride 1, tokens ≥ N, all blocks: each parameter at its `fullAt` gives full attention.
 */
export const saturation: Law = {
  title: "each parameter at its widest equals full attention",
  applies: ({ variant }) => Object.values(variant.params).some(({ fullAt }) => fullAt !== undefined),
  async check(subject) {
    const { variant, filled, kinds, shape, call } = subject;
    for (const [name, { fullAt }] of Object.entries(variant.params)) {
      if (fullAt === undefined) continue;
      const value = fullAt(shape.length, filled.params);
      if (value === undefined) continue;
      const widest = kinds.under(parameterize(variant, { ...filled.params, [name]: value }), call);
      const problem = problemOf({ ...subject, filled: widest });
      const output = await subject.output(problem);
      const failure = subject.compare(problem, openOracle(problem, subject), subject.someRows, output);
      if (failure !== null) return `${name}=${value}: ${failure}`;
    }
    return null;
  },
};

/** The same mathematics over every key. */
function openOracle(problem: JudgedProblem, { kinds, call }: Subject): Oracle {
  const { kind, mechanism } = problem;
  if (kind.opened === undefined) return fullOracle(problem, call);
  return kind.oracle({ ...problem, ...kinds.under({ mechanism: kind.opened(mechanism) }, call) });
}
