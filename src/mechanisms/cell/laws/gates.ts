import type { Mechanism } from "../../../core/mechanism.ts";
import { everyRow, type RowPlace } from "../../../core/rows.ts";
import { layoutOf, offsetIn } from "../../../core/shape.ts";
import type { AttentionInputs } from "../../../core/tensors.ts";
import { expecting } from "../../laws/expecting.ts";
import { type Law, problemOf } from "../../laws/law.ts";
import { type Cell, isCell, isLearned } from "../declare.ts";

/** Exponentials of it and of its negative are infinite and 0 in float32, not in float64. */
const WIDE = 200;
const CONSTANT = 1.5;
/** A blend of numbers may be rounded past the largest of them. */
const ROUNDED = 1e-5;

function isGated(mechanism: Mechanism): mechanism is Cell {
  return isCell(mechanism) && !isLearned(mechanism);
}

function filled(tensor: Float32Array, value: number): Float32Array {
  return new Float32Array(tensor.length).fill(value);
}

/** Row `place` of a tensor of the call. */
function rowOf(inputs: AttentionInputs, name: "q" | "k" | "v", { batch, head, row }: RowPlace): Float64Array {
  const layout = layoutOf(inputs.shape, name);
  const at = offsetIn(layout, batch, head, row);
  return Float64Array.from(inputs[name].subarray(at, at + layout.width));
}

/** What a cell keeps of its state at a token, channel by channel, by the definition. */
function kept(mechanism: Cell, inputs: AttentionInputs, place: RowPlace): Float64Array {
  const k = rowOf(inputs, "k", place);
  if (mechanism.cell === "min-gru") return k.map((x) => 1 / (1 + Math.exp(x)));
  const logistic = (x: number) => 1 / (1 + Math.exp(-x));
  return rowOf(inputs, "q", place).map((x, i) => logistic(x) / (logistic(x) + logistic(k[i])));
}

/** With an open gate the output is v of the last token, with a closed one it stays 0. */
export const gatesOpen: Law = {
  title: "a gate that is open writes v, and one that is closed nothing",
  applies: ({ filled: { mechanism } }) => isGated(mechanism),
  async check(subject) {
    for (const gate of [WIDE, -WIDE]) {
      const { q, k, v } = subject.inputs;
      const inputs = { ...subject.inputs, q: filled(q, -gate), k: filled(k, gate) };
      const problem = problemOf(subject, inputs);
      const expected = (place: RowPlace) =>
        rowOf({ ...inputs, v }, "v", place).map((x) => (gate > 0 ? x : 0));
      const output = await subject.output(problem);
      const broken = subject.compare(problem, expecting(problem, expected), everyRow(subject.shape), output);
      if (broken !== null) return `with gates at ${gate}: ${broken}`;
    }
    return null;
  },
};

/** Of a constant v a row has what has not been forgotten: `1 - Π (1 - z)` of it. */
export const constantWritten: Law = {
  title: "of a constant v a cell with given gates holds 1 less the product of what it kept",
  applies: ({ filled: { mechanism } }) => isGated(mechanism),
  async check(subject) {
    const {
      shape,
      filled: { mechanism },
    } = subject;
    if (!isGated(mechanism)) return null;
    const inputs = { ...subject.inputs, v: filled(subject.inputs.v, CONSTANT) };
    const problem = problemOf(subject, inputs);
    const expected = (place: RowPlace): Float64Array => {
      const product = new Float64Array(shape.headDim).fill(1);
      for (let row = 0; row <= place.row; row++) {
        const factor = kept(mechanism, inputs, { ...place, row });
        for (let i = 0; i < product.length; i++) product[i] *= factor[i];
      }
      return product.map((one) => CONSTANT * (1 - one));
    };
    const output = await subject.output(problem);
    return subject.compare(problem, expecting(problem, expected), everyRow(shape), output);
  },
};

/** Rows are blends of 0 and of what was written. */
export const blendBounded: Law = {
  title: "no number of a cell with given gates is larger than the largest of v in its channel so far",
  applies: ({ filled: { mechanism } }) => isGated(mechanism),
  async check(subject) {
    const { shape, inputs } = subject;
    const output = await subject.output(problemOf(subject));
    const most = new Float64Array(shape.headDim);
    for (const place of everyRow(shape)) {
      if (place.row === 0) most.fill(0);
      for (const [i, x] of rowOf(inputs, "v", place).entries()) {
        most[i] = Math.max(most[i], Math.abs(x));
        const got = output[offsetIn(layoutOf(shape, "output"), place.batch, place.head, place.row) + i];
        if (Math.abs(got) <= most[i] * (1 + ROUNDED)) continue;
        return `row ${place.row} of batch ${place.batch}, head ${place.head}, column ${i}: ${got} is larger than ${most[i]}, the largest v so far`;
      }
    }
    return null;
  },
};
