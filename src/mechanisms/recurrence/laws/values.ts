import { everyRow, type RowPlace } from "../../../core/rows.ts";
import { layoutOf, offsetIn } from "../../../core/shape.ts";
import { expecting } from "../../laws/expecting.ts";
import { firstDifference, type Law, problemOf } from "../../laws/law.ts";
import { unlike } from "../../laws/like.ts";
import { float64 } from "../../oracle.ts";
import { isRecurrence } from "../declare.ts";
import { rowOf } from "./rows.ts";

/** How many times as much: a power of two changes no rounding. */
const FACTOR = -4;

/** Gates are made of k, and the state is linear in v. */
export const linearInValues: Law = {
  title: "a recurrence of v times -4 is -4 times that of v, to the bit",
  applies: ({ filled: { mechanism } }) => isRecurrence(mechanism),
  async check(subject) {
    const { inputs } = subject;
    const once = await subject.output(problemOf(subject));
    const v = inputs.v.map((x) => FACTOR * x);
    const output = await subject.output(problemOf(subject, { ...inputs, v }));
    const expected = once.map((x) => FACTOR * x);
    const at = firstDifference(output, expected, 0, output.length);
    return at < 0 ? null : `element ${at}: got ${output[at]} of v times ${FACTOR}, expected ${expected[at]}`;
  },
};

const SKIP = 0.5;

/** What goes past the state is added. */
export const skipAdds: Law = {
  title: "a state space with a skip adds so many times v to the output",
  applies: ({ filled: { mechanism } }) => isRecurrence(mechanism) && mechanism.write.form.endsWith("step"),
  async check(subject) {
    const { mechanism } = subject.filled;
    if (!isRecurrence(mechanism)) return null;
    const skipping = { ...problemOf(subject), mechanism: { ...mechanism, skip: SKIP } };
    const plain = { ...skipping, mechanism: { ...mechanism, skip: 0 } };
    const places = everyRow(subject.shape);
    const rows = plain.kind.oracle(plain).rows(places, float64);
    const layout = layoutOf({ ...subject.shape, valueDim: 1 }, "output");
    const expected = (place: RowPlace): Float64Array => {
      const { values } = rows[offsetIn(layout, place.batch, place.head, place.row)];
      return rowOf(skipping.inputs, "v", place).map((x, j) => values[j] + SKIP * x);
    };
    return subject.compare(skipping, expecting(skipping, expected), places, await subject.output(skipping));
  },
};

/** So long that what keeps a length from being 0 does not show. */
const LONG = 2 ** 15;

/** A query of length 1 is the same however long it was. */
export const lengthsOfQueries: Law = {
  title: "the length of a query that is brought to 1 changes nothing",
  applies: ({ filled: { mechanism } }) => isRecurrence(mechanism) && mechanism.unit === "both",
  check(subject) {
    const { inputs } = subject;
    const [long, longer] = [LONG, 2 * LONG].map((factor) =>
      problemOf(subject, { ...inputs, q: inputs.q.map((x) => factor * x) }),
    );
    return unlike(subject, longer, long);
  },
};
