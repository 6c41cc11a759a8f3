import type { RowPlace } from "../../../core/rows.ts";
import { everyRow } from "../../../core/rows.ts";
import { kvHeadOf, layoutOf, offsetIn } from "../../../core/shape.ts";
import type { JudgedProblem } from "../../judged.ts";
import { type Law, problemOf } from "../../laws/law.ts";
import type { Oracle } from "../../oracle.ts";

/** What an entry of a head's output is, of a row and a column. */
type Expected = (place: RowPlace, column: number) => number;

/** The reference of a problem with other numbers in its place, which may be off `times` as much. */
function told(problem: JudgedProblem, expected: Expected, times = 1): Oracle {
  const exact = problem.kind.oracle(problem);
  return {
    rows: (places, round) =>
      exact.rows(places, round).map((row, index) => ({
        magnitudes: row.magnitudes,
        values: row.values.map((_, column) => expected(places[index], column)),
        slack: () => row.slack().map((one) => times * one),
      })),
  };
}

/** A 1 in the first channel of the first token is answered by ones everywhere. */
export const unitImpulse: Law = {
  title: "a 1 in the first channel of the first token gives ones everywhere",
  applies: () => true,
  async check(subject) {
    const { inputs, shape } = subject;
    const { length, valueDim } = shape;
    const v = new Float32Array(inputs.v.length);
    for (let at = 0; at < v.length; at += length * valueDim) v[at] = 1;
    const problem = problemOf(subject, { ...inputs, v });
    return subject.compare(
      problem,
      told(problem, () => 1),
      everyRow(shape),
      await subject.output(problem),
    );
  },
};

/** Constant values have no frequency but 0: the first entry is their sum, and the others are 0. */
export const constantAlone: Law = {
  title: "constant values give their sum in the first entry, and zeros",
  applies: () => true,
  async check(subject) {
    const { inputs, shape } = subject;
    const { length, valueDim } = shape;
    const problem = problemOf(subject, { ...inputs, v: new Float32Array(inputs.v.length).fill(1.5) });
    const expected: Expected = ({ row }, column) => (row === 0 && column === 0 ? 1.5 * length * valueDim : 0);
    return subject.compare(problem, told(problem, expected), everyRow(shape), await subject.output(problem));
  },
};

/** Twice over, the real part of the transform is `N·d` times the part of v that is even under reversing both axes. */
export const twiceOver: Law = {
  title: "twice over gives N·d times the part that is even under reversing both axes",
  // Where heads share values their outputs are as many as heads.
  applies: ({ shape: { heads, kvHeads } }) => heads === kvHeads,
  async check(subject) {
    const { inputs, shape } = subject;
    const { length, valueDim: d } = shape;
    const once = await subject.output(problemOf(subject));
    const problem = problemOf(subject, { ...inputs, v: once });
    const layout = layoutOf(shape, "v");
    const expected: Expected = ({ batch, head, row }, column) => {
      const at = (token: number, channel: number): number =>
        inputs.v[offsetIn(layout, batch, kvHeadOf(shape, head), token) + channel];
      const mirror = at((length - row) % length, (d - column) % d);
      return (length * d * (at(row, column) + mirror)) / 2;
    };
    // What the first call is off is transformed by the second: as large again, and at random.
    const doubled = told(problem, expected, 2);
    return subject.compare(problem, doubled, everyRow(shape), await subject.output(problem));
  },
};
