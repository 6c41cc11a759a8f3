import { layoutOf, offsetIn } from "../../../core/shape.ts";
import { parameterize } from "../../../core/variant.ts";
import { type Law, problemOf, type Subject } from "../../laws/law.ts";
import { withNamed } from "../../named-inputs.ts";
import { float64, type Oracle } from "../../oracle.ts";

/** Parameters that say how many summaries there are. */
const COUNTS = ["features", "landmarks", "points", "clusters"] as const;

/** If one summary stands for all keys, or for all queries, every row is the same. */
export const oneSummary: Law = {
  title: "one summary gives every query the same row",
  applies: ({ causal, shape, ...one }) =>
    !causal && shape.length > 1 && shape.queries > 1 && countIn(one) !== undefined && !addsOwn(one),
  async check(subject) {
    const { variant, filled, kinds, shape, call } = subject;
    const name = countIn(subject) as string;
    const single = kinds.under(parameterize(variant, { ...filled.params, [name]: 1 }), call);
    // What is learned may be another for another number of summaries.
    const inputs = withNamed(single, subject.inputs, subject.seed);
    const problem = problemOf({ ...subject, filled: single }, inputs);
    const output = await subject.output(problem);
    const places = subject.someRows;
    const exact = single.kind.oracle(problem);
    /** The kernel's first row of each head in the place of every other, and what a float32 pass errs in each. */
    const first: Oracle = {
      rows(asked, round) {
        const computed = exact.rows(asked, round);
        const precise = round === float64 ? computed : exact.rows(asked, float64);
        return computed.map(({ values, ...rest }, index) => {
          const { batch, head } = asked[index];
          const at = offsetIn(layoutOf(shape, "output"), batch, head, 0);
          const told = values.map((value, i) => output[at + i] + (value - precise[index].values[i]));
          return { values: told, ...rest };
        });
      },
    };
    const failure = subject.compare(problem, first, places, output);
    return failure === null ? null : `${name}=1: ${failure}`;
  },
};

function countIn({ variant }: Pick<Subject, "variant">): string | undefined {
  return COUNTS.find((name) => Object.hasOwn(variant.params, name));
}

/** Whether something else than summaries goes into a row: a convolution, or keys of its own. */
function addsOwn({ filled: { params } }: Pick<Subject, "filled">): boolean {
  return Number(params.conv ?? 0) > 0 || Number(params.keys ?? 0) > 0;
}
