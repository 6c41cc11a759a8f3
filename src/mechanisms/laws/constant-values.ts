import { everyRow } from "../../core/rows.ts";
import { reads } from "../judged.ts";
import { float64, type Oracle } from "../oracle.ts";
import { type Law, problemOf } from "./law.ts";

const CONSTANT = 1.5;

/**
 * The weights of a row sum to 1: if all values are one constant, so is the output; an empty row is zero.
 */
export const constantValues: Law = {
  title: "the weights of a row sum to 1, or it is empty and zero",
  applies: () => true,
  async check(subject) {
    const { shape, inputs, filled } = subject;
    const problem = problemOf(subject, { ...inputs, v: new Float32Array(inputs.v.length).fill(CONSTANT) });
    const read = reads(problem);
    const exact = filled.kind.oracle(problem);
    /** The constant itself, with the slack and the float32 pass of the row that it is. */
    const constant: Oracle = {
      rows: (places, round) =>
        exact.rows(places, round).map(({ values, ...rest }, index) => {
          const { head, row } = places[index];
          const expected = read[head].intervals(row).length === 0 ? 0 : CONSTANT;
          const told = round === float64 ? new Float64Array(shape.headDim).fill(expected) : values;
          return { values: told, ...rest };
        }),
    };
    return subject.compare(problem, constant, everyRow(shape), await subject.output(problem));
  },
};
