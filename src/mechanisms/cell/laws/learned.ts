import { FLOAT32_EPSILON } from "../../../core/error-budget.ts";
import { everyRow } from "../../../core/rows.ts";
import { layoutOf, offsetIn } from "../../../core/shape.ts";
import { namesIn, tensorNamed } from "../../../core/tensors.ts";
import { copyInputs, firstDifference, type Held, type Law, problemOf } from "../../laws/law.ts";
import { isCell, isLearned, READS } from "../declare.ts";

/** Past what any gate resolves. */
const LARGE = 1000;

/** Without anything to read there is nothing to remember. */
export const nothingRead: Law = {
  title: "a recurrent cell makes nothing of a v of zeros",
  applies: ({ filled: { mechanism } }) => isCell(mechanism),
  async check(subject) {
    const { inputs } = subject;
    const output = await subject.output(
      problemOf(subject, { ...inputs, v: new Float32Array(inputs.v.length) }),
    );
    const at = output.findIndex((value) => value !== 0);
    return at < 0 ? null : `element ${at}: got ${output[at]} of a v of zeros`;
  },
};

/** tanh and its product with a gate, which may be rounded past 1 by a unit. */
export const withinOne: Law = {
  title: "no number of a learned cell is larger than 1",
  applies: ({ filled: { mechanism } }) => isCell(mechanism) && isLearned(mechanism),
  async check(subject) {
    for (const size of [1, LARGE]) {
      const { inputs } = subject;
      const output = await subject.output(
        problemOf(subject, { ...inputs, v: inputs.v.map((x) => size * x) }),
      );
      const at = output.findIndex((value) => !(Math.abs(value) <= 1 + FLOAT32_EPSILON));
      if (at >= 0) return `element ${at}: got ${output[at]} with v ${size} times as large`;
    }
    return null;
  },
};

/** Without weights on the state a row is made of its own token: tokens in reverse order give rows in reverse order. */
export const nothingRemembered: Law = {
  title: "an Elman network whose U is 0 remembers nothing",
  applies: ({ shape, filled: { mechanism } }) =>
    isCell(mechanism) && mechanism.cell === "elman" && shape.length > 1,
  async check(subject) {
    const { inputs } = subject;
    const forgetful = { ...inputs, u: new Float32Array(tensorNamed(inputs, "u").length) };
    const output = await subject.output(problemOf(subject, forgetful));
    const reversed = await subject.output(
      problemOf(subject, { ...forgetful, v: rowsReversed(subject, inputs.v) }),
    );
    const again = rowsReversed(subject, reversed);
    const at = firstDifference(output, again, 0, output.length);
    return at < 0
      ? null
      : `element ${at}: ${output[at]} became ${again[at]} with the tokens in reverse order`;
  },
};

function rowsReversed({ shape }: Held, tensor: Float32Array): Float32Array {
  const layout = layoutOf(shape, "v");
  const reversed = new Float32Array(tensor.length);
  for (const { batch, head, row } of everyRow(shape)) {
    const from = offsetIn(layout, batch, head, row);
    const to = offsetIn(layout, batch, head, layout.rows - 1 - row);
    reversed.set(tensor.subarray(from, from + layout.width), to);
  }
  return reversed;
}

/** What a cell does not read cannot change it. */
export const unread: Law = {
  title: "inputs that a recurrent cell does not read leave its bits alone",
  applies: ({ filled: { mechanism } }) => isCell(mechanism) && READS[mechanism.cell].length < 3,
  async check(subject) {
    const {
      inputs,
      filled: { mechanism },
    } = subject;
    if (!isCell(mechanism)) return null;
    const clean = await subject.output(problemOf(subject));
    const spoiled = copyInputs(inputs);
    for (const name of namesIn(inputs)) {
      if ((name === "q" || name === "k") && !READS[mechanism.cell].includes(name))
        spoiled[name].fill(Number.NaN);
    }
    const output = await subject.output(problemOf(subject, spoiled));
    const at = firstDifference(clean, output, 0, clean.length);
    return at < 0
      ? null
      : `element ${at}: ${clean[at]} became ${output[at]} when what it does not read was NaN`;
  },
};
