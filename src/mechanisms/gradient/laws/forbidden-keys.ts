import { randomStream } from "../../../core/random.ts";
import { kvHeadOf, layoutOf, offsetIn } from "../../../core/shape.ts";
import { reads } from "../../judged.ts";
import { type Law, problemOf } from "../../laws/law.ts";
import { outputsOf } from "../../outputs.ts";
import { gradientName } from "../declare.ts";
import { changedRow, ownProblem } from "./gradient-problem.ts";

const PLANTED = [Number.NaN, 1e9, Number.POSITIVE_INFINITY] as const;

/** NaN, infinity and huge numbers are planted in every key and value that a query does not attend. */
export const forbiddenKeys: Law = {
  title: "keys that a query does not attend leave the bits of its dq alone",
  applies: ({ filled: { kind }, causal }) => kind.pairwise || causal,
  async check(subject) {
    const { shape, seed, finiteOnly } = subject;
    const read = reads(problemOf(subject));
    const clean = await subject.output(problemOf(subject));
    const random = randomStream(seed, shape.length);
    for (const query of new Set([0, shape.queries - 1, random.below(shape.queries)])) {
      for (const planted of finiteOnly ? PLANTED.filter(Number.isFinite) : PLANTED) {
        const problem = ownProblem(subject);
        for (let slice = 0; slice < shape.batch * shape.kvHeads; slice++) {
          const kvHead = slice % shape.kvHeads;
          for (let key = 0; key < shape.length; key++) {
            const isRead = read.some(
              (pattern, head) => kvHeadOf(shape, head) === kvHead && pattern.attends(query, key),
            );
            if (isRead) continue;
            for (const name of ["k", "v"] as const) {
              const layout = layoutOf(shape, name);
              const at = offsetIn(layout, 0, slice, key);
              problem.inputs[name].fill(planted, at, at + layout.width);
            }
          }
        }
        const wrong = changedRow(
          outputsOf(problem),
          [clean, await subject.output(problem)],
          ({ tensor, row }) => tensor === gradientName("q") && row === query,
          `when ${planted} was planted in keys that it does not attend`,
        );
        if (wrong !== null) return wrong;
      }
    }
    return null;
  },
};
