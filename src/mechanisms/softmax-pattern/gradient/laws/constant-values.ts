import { rowsIn } from "../../../../core/outputs.ts";
import { gradientName, isGradient } from "../../../gradient/declare.ts";
import { ownProblem } from "../../../gradient/laws/gradient-problem.ts";
import type { Law } from "../../../laws/law.ts";
import { outputsOf } from "../../../outputs.ts";
import { isSoftmaxPattern } from "../../declare.ts";
import { movedFrom } from "./moved-from.ts";

const CONSTANT = 1.5;

/** If all values are one constant, so is the output, whatever the weights are: nothing of them has a gradient. */
export const constantValues: Law = {
  title: "if all values are one, dq and dk are zero",
  // Other normalisers' weights do not sum to 1, and a sink's values are 0.
  applies: ({ filled: { mechanism } }) =>
    isGradient(mechanism) && isSoftmaxPattern(mechanism.of) && mechanism.of.normaliser === undefined,
  async check(subject) {
    const problem = ownProblem(subject);
    problem.inputs.v.fill(CONSTANT);
    const names = new Set(["q", "k"].map(gradientName));
    const places = [...rowsIn(outputsOf(problem))]
      .map(({ place }) => place)
      .filter(({ tensor = "" }) => names.has(tensor));
    const zero = movedFrom(problem.kind.oracle(problem), (values) => values.map(() => 0));
    return subject.compare(problem, zero, places, await subject.output(problem));
  },
};
