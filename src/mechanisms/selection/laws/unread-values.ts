import { everyRow } from "../../../core/rows.ts";
import { kvHeadOf, layoutOf, offsetIn } from "../../../core/shape.ts";
import { copyInputs, firstDifference, type Law, problemOf } from "../../laws/law.ts";
import { isSelection } from "../declare.ts";
import { truthOf } from "../rules/index.ts";

/** Rows looked at. */
const ROWS = 4;

/** What is chosen does not depend on v, so that values which a row does not attend are nothing to it. */
export const unreadValues: Law = {
  title: "values that a row did not choose leave its bits alone",
  // NSA reads means of all values.
  applies: ({ filled: { mechanism } }) => isSelection(mechanism) && mechanism.rule.id !== "nsa",
  async check(subject) {
    const { shape, filled } = subject;
    const { mechanism } = filled;
    const problem = problemOf(subject);
    const clean = await subject.output(problem);
    const choice = subject.choiceOf(clean);
    if (!isSelection(mechanism) || choice === null)
      return "the kernel hands out no choice that could be read";
    const { rule } = mechanism;
    const bound = truthOf(rule).bind(rule, { ...problem, mechanism });
    const places = everyRow(shape);
    for (const place of places.filter((_, index) => index % Math.ceil(places.length / ROWS) === 0)) {
      const { batch, head, row } = place;
      const attended = new Set(bound.keys(place, choice));
      const spoiled = copyInputs(subject.inputs);
      for (let key = 0; key < shape.length; key++) {
        if (attended.has(key)) continue;
        const at = offsetIn(layoutOf(shape, "v"), batch, kvHeadOf(shape, head), key);
        spoiled.v.fill(Number.NaN, at, at + shape.valueDim);
      }
      const output = await subject.output(problemOf(subject, spoiled));
      const at = offsetIn(layoutOf(shape, "output"), batch, head, row);
      const different = firstDifference(clean, output, at, at + shape.valueDim);
      if (different < 0) continue;
      return `row ${row} of batch ${batch}, head ${head}, column ${different - at}: ${clean[different]} became ${output[different]} when NaN was planted in values that it did not choose`;
    }
    return null;
  },
};
