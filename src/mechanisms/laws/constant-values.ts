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
  applies: ({ filled: { kind, mechanism } }) => kind.sumsToOne?.(mechanism) ?? true,
  async check(subject) {
    const { shape, inputs, filled } = subject;
    const problem = problemOf(subject, { ...inputs, v: new Float32Array(inputs.v.length).fill(CONSTANT) });
    const read = reads(problem);
    const exact = filled.kind.oracle(problem);
    /** The constant itself, with the slack of the row that it is, and what a float32 pass errs there. */
    const constant: Oracle = {
      rows(places, round) {
        const computed = exact.rows(places, round);
        const precise = round === float64 ? computed : exact.rows(places, float64);
        return computed.map(({ values, ...rest }, index) => {
          const { head, row } = places[index];
          const expected = read[head].intervals(row).length === 0 ? 0 : CONSTANT;
          const told = values.map((value, i) => expected + (value - precise[index].values[i]));
          return { values: told, ...rest };
        });
      },
    };
    return subject.compare(problem, constant, everyRow(shape), await subject.output(problem));
  },
};
