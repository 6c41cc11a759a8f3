import { bindHeads } from "../../pattern/bind.ts";
import { float64 } from "../../reference/precision.ts";
import { type Reference, reference } from "../../reference/reference.ts";
import { expectation } from "../expectation.ts";
import { everyRow } from "../rows.ts";
import { type Law, outputOf, problemOf } from "./law.ts";

const CONSTANT = 1.5;

/** The weights of a row sum to 1: where all values are one constant, so is the output; an empty row is zero. */
export const constantValues: Law = {
  title: "the weights of a row sum to 1, or it is empty and zero",
  // A feature map divides by its sum plus ε, so its weights sum to a little less; the gate holds it to that.
  applies: ({ filled }) => filled.mechanism.kind === "softmaxPattern",
  check(subject) {
    const { kernel, shape, inputs, seed, filled } = subject;
    if (filled.mechanism.kind !== "softmaxPattern") return null;
    const problem = problemOf(subject, { ...inputs, v: new Float32Array(inputs.v.length).fill(CONSTANT) });
    const patterns = bindHeads(filled.mechanism, problem);
    const exact = reference(problem);
    /** The constant itself, with the slack and the float32 pass of the row that it is. */
    const constant: Reference = (batch, head, row, round) => {
      const { values, ...rest } = exact(batch, head, row, round);
      const expected = patterns[head].intervals(row).length === 0 ? 0 : CONSTANT;
      const told = round === float64 ? new Float64Array(shape.headDim).fill(expected) : values;
      return { values: told, ...rest };
    };
    return expectation(problem, constant, everyRow(shape), seed).compare(outputOf(problem, kernel)).failure;
  },
};
