import { randomStream } from "../../../core/random.ts";
import { countOf, layoutOf, offsetIn } from "../../../core/shape.ts";
import { reads } from "../../judged.ts";
import { copyInputs, firstDifference, type Law, problemOf } from "../../laws/law.ts";

const PLANTED = [Number.NaN, 1e9, Number.POSITIVE_INFINITY] as const;

/** What is outside a row's window does not change its bits, whatever it is, whether the call is causal or not. */
export const windowOnly: Law = {
  title: "values outside a row's window leave its bits alone, as do q and k",
  applies: () => true,
  async check(subject) {
    const { shape, inputs, seed } = subject;
    const { batch, heads, kvHeads, length, valueDim } = shape;
    const [read] = reads(problemOf(subject));
    const clean = await subject.output(problemOf(subject));
    const random = randomStream(seed, length);
    const values = layoutOf(shape, "v");
    for (const row of new Set([0, length - 1, random.below(length)])) {
      for (const planted of PLANTED) {
        const spoiled = copyInputs(inputs);
        spoiled.q.fill(planted);
        spoiled.k.fill(planted);
        for (let at = 0; at < countOf(values); at += valueDim) {
          const token = (at / valueDim) % length;
          if (!read.attends(row, token)) spoiled.v.fill(planted, at, at + valueDim);
        }
        const output = await subject.output(problemOf(subject, spoiled));
        for (let slice = 0; slice < batch * heads; slice++) {
          const at = offsetIn(layoutOf(shape, "output"), 0, slice, row);
          const different = firstDifference(clean, output, at, at + valueDim);
          if (different >= 0)
            return `row ${row}, head ${slice % heads} of ${kvHeads}: ${clean[different]} became ${output[different]} with ${planted} outside its window`;
        }
      }
    }
    return null;
  },
};
