import { rowOffset } from "../../core/shape.ts";
import { copyInputs, firstDifference, type Law, problemOf } from "./law.ts";

/** Batch entries and heads do not see one another: spoiling one does not change the bits of the others. */
export const independentHeads: Law = {
  title: "batch entries and heads are independent",
  applies: ({ shape }) => shape.batch * shape.heads > 1,
  async check(subject) {
    const { shape, inputs } = subject;
    const clean = await subject.output(problemOf(subject));
    const slice = shape.length * shape.headDim;
    for (let spoiledSlice = 0; spoiledSlice < shape.batch * shape.heads; spoiledSlice++) {
      const spoiled = copyInputs(inputs);
      const from = rowOffset(shape, Math.floor(spoiledSlice / shape.heads), spoiledSlice % shape.heads, 0);
      for (const tensor of [spoiled.q, spoiled.k, spoiled.v]) tensor.fill(Number.NaN, from, from + slice);
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
