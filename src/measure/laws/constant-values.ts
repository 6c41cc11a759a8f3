import { rowOffset } from "../../core/shape.ts";
import { bindHeads } from "../../pattern/bind.ts";
import { reference } from "../../reference/reference.ts";
import { expectation } from "../expectation.ts";
import { gateRows } from "../gate-rows.ts";
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
    const output = outputOf(problem, kernel);
    const patterns = bindHeads(filled.mechanism, problem);
    const { largestBudget } = expectation(problem, reference(problem), gateRows(shape, seed), seed);
    for (let batch = 0; batch < shape.batch; batch++) {
      for (let head = 0; head < shape.heads; head++) {
        for (let row = 0; row < shape.length; row++) {
          const empty = patterns[head].intervals(row).length === 0;
          const at = rowOffset(shape, batch, head, row);
          for (let column = 0; column < shape.headDim; column++) {
            const expected = empty ? 0 : CONSTANT;
            const got = output[at + column];
            if (!(Math.abs(got - expected) <= largestBudget)) {
              return `row ${row} of batch ${batch}, head ${head}, column ${column}: got ${got}, expected ${expected}`;
            }
          }
        }
      }
    }
    return null;
  },
};
