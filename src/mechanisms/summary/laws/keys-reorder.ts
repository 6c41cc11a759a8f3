import { offsetIn, type Shape } from "../../../core/shape.ts";
import { type InputTensor, tokenTensors, weightTensors } from "../../judged.ts";
import { type Law, problemOf, type Subject } from "../../laws/law.ts";
import { chainOf, isSummary, type Step, type Summary } from "../declare.ts";

/**
 * Where summaries are of keys as a set the order of keys says nothing, if what is stored by position moves with them.
 */
export const keysReorder: Law = {
  title: "keys in another order, with their values, give the same output",
  applies: ({ filled: { mechanism }, causal, shape }) =>
    !causal && shape.length > 1 && isSummary(mechanism) && takesSets(mechanism, shape),
  async check(subject) {
    const problem = problemOf(subject);
    const turned = problemOf(subject, withKeysTurned(subject));
    const { kind } = subject.filled;
    return subject.compare(problem, kind.oracle(problem), subject.someRows, await subject.output(turned));
  },
};

/** Steps that depend on where a key stands. */
const BY_PLACE: ReadonlySet<Step["step"]> = new Set([
  "means",
  "log-sizes",
  "convolve",
  "mix-blocks",
  "attend-blocks",
]);

/** Whether no step depends on which key comes first, or on a query's place among the keys. */
function takesSets(mechanism: Summary, shape: Shape): boolean {
  return chainOf(mechanism, shape, false).every((step) => {
    if (step.step === "attend") {
      return [step.values, ...(step.also ?? []).map(({ values }) => values)].every((one) => one !== "q");
    }
    return !BY_PLACE.has(step.step);
  });
}

/** The inputs with the rows of k and v, and of weights that are stored by position, in reverse order. */
function withKeysTurned(subject: Subject): Subject["inputs"] {
  const problem = problemOf(subject);
  const { mechanism, kind, inputs } = problem;
  const specs = kind.inputs?.(mechanism) ?? {};
  const tensors = [
    ...tokenTensors(problem).filter(({ name }) => name !== "q"),
    ...weightTensors(problem).filter(({ name }) => specs[name].dims.at(-2) === "length"),
  ];
  return { ...inputs, ...Object.fromEntries(tensors.map((one) => [one.name, turned(one)])) };
}

function turned({ values, layout }: InputTensor): Float32Array {
  const { batch, heads, rows, width } = layout;
  const other = new Float32Array(values.length);
  for (let slice = 0; slice < batch * heads; slice++) {
    for (let row = 0; row < rows; row++) {
      const from = offsetIn(layout, 0, slice, row);
      other.set(values.subarray(from, from + width), offsetIn(layout, 0, slice, rows - 1 - row));
    }
  }
  return other;
}
