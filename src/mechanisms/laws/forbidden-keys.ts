import { randomStream } from "../../core/random.ts";
import { kvHeadOf, layoutOf, offsetIn } from "../../core/shape.ts";
import { reads } from "../judged.ts";
import { copyInputs, firstDifference, type Law, problemOf, type Subject } from "./law.ts";

const PLANTED = [Number.NaN, 1e9, Number.POSITIVE_INFINITY] as const;

/**
 * What a row does not attend cannot change it: NaN, infinity and huge numbers are planted in every such key
 * and value.
 */
export const forbiddenKeys: Law = {
  title: "keys that a row does not attend leave its bits alone",
  applies: ({ filled: { kind }, causal }) => kind.pairwise || causal,
  async check(subject) {
    const { shape, inputs, seed, finiteOnly } = subject;
    const read = reads(problemOf(subject));
    /** Heads that share a key: it may be spoiled if none of them attends it. */
    const anyAttends = (head: number, row: number, key: number) =>
      read.some((one, at) => kvHeadOf(shape, at) === kvHeadOf(shape, head) && one.attends(row, key));
    const clean = await subject.output(problemOf(subject));
    const random = randomStream(seed, shape.length);
    const { queries } = shape;
    const rows = new Set([0, queries - 1, random.below(queries), random.below(queries)]);
    for (const row of rows) {
      for (const planted of finiteOnly ? PLANTED.filter(Number.isFinite) : PLANTED) {
        const spoiled = copyInputs(inputs);
        forEachRow(subject, (batch, head) => {
          for (let key = 0; key < shape.length; key++) {
            if (anyAttends(head, row, key)) continue;
            for (const name of ["k", "v"] as const) {
              const layout = layoutOf(shape, name);
              const at = offsetIn(layout, batch, kvHeadOf(shape, head), key);
              spoiled[name].fill(planted, at, at + layout.width);
            }
          }
        });
        const output = await subject.output(problemOf(subject, spoiled));
        let broken: string | null = null;
        forEachRow(subject, (batch, head) => {
          const at = offsetIn(layoutOf(shape, "output"), batch, head, row);
          const different = firstDifference(clean, output, at, at + shape.valueDim);
          if (different < 0 || broken !== null) return;
          broken =
            `row ${row} of batch ${batch}, head ${head}, column ${different - at}: ${clean[different]} became ` +
            `${output[different]} when ${planted} was planted in keys that it does not attend`;
        });
        if (broken !== null) return broken;
      }
    }
    return null;
  },
};

function forEachRow({ shape }: Subject, visit: (batch: number, head: number) => void): void {
  for (let batch = 0; batch < shape.batch; batch++) {
    for (let head = 0; head < shape.heads; head++) visit(batch, head);
  }
}
