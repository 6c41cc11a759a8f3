import { tokenTensors } from "../judged.ts";
import { copyInputs, firstDifference, type Law, problemOf } from "./law.ts";

/** Batch entries and heads do not see one another: spoiling one does not change the bits of the others. */
export const independentHeads: Law = {
  title: "batch entries and heads are independent",
  // Heads that share k and v are not.
  applies: ({ shape: { batch, heads, kvHeads } }) => batch * heads > 1 && kvHeads === heads,
  async check(subject) {
    const { shape, inputs } = subject;
    const clean = await subject.output(problemOf(subject));
    const slice = shape.queries * shape.valueDim;
    for (let spoiledSlice = 0; spoiledSlice < shape.batch * shape.heads; spoiledSlice++) {
      const problem = problemOf(subject, copyInputs(inputs));
      const spoiled = problem.inputs;
      for (const { values, layout } of tokenTensors(problem)) {
        const size = layout.rows * layout.width;
        values.fill(Number.NaN, spoiledSlice * size, (spoiledSlice + 1) * size);
      }
      const from = spoiledSlice * slice;
      const output = await subject.output(problemOf(subject, spoiled));
      for (const [start, end] of [
        [0, from],
        [from + slice, clean.length],
      ]) {
        const at = firstDifference(clean, output, start, end);
        if (at >= 0) {
          return `element ${at}: ${clean[at]} became ${output[at]} when slice ${spoiledSlice} was filled with NaN`;
        }
      }
    }
    return null;
  },
};
