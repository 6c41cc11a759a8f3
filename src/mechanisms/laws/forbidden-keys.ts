import { randomStream } from "../../core/random.ts";
import { rowOffset } from "../../core/shape.ts";
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
    const { shape, inputs, seed } = subject;
    const read = reads(problemOf(subject));
    const clean = await subject.output(problemOf(subject));
    const random = randomStream(seed, shape.length);
    const rows = new Set([0, shape.length - 1, random.below(shape.length), random.below(shape.length)]);
    for (const row of rows) {
      for (const planted of PLANTED) {
        const spoiled = copyInputs(inputs);
        forEachRow(subject, (batch, head) => {
          for (let key = 0; key < shape.length; key++) {
            if (read[head].attends(row, key)) continue;
            const at = rowOffset(shape, batch, head, key);
            spoiled.k.fill(planted, at, at + shape.headDim);
            spoiled.v.fill(planted, at, at + shape.headDim);
          }
        });
        const output = await subject.output(problemOf(subject, spoiled));
        let broken: string | null = null;
        forEachRow(subject, (batch, head) => {
          const at = rowOffset(shape, batch, head, row);
          const different = firstDifference(clean, output, at, at + shape.headDim);
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
