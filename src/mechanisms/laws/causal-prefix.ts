import type { Choice } from "../../core/choice.ts";
import { cutTensor } from "../../core/cut-tensor.ts";
import type { RowPlace } from "../../core/rows.ts";
import { isSelfAttention, layoutOf, offsetIn, overTokens } from "../../core/shape.ts";
import { sizesBy } from "../../core/tensor-spec.ts";
import { type AttentionInputs, tensorNamed } from "../../core/tensors.ts";
import { sameIntervals } from "../../pattern/intervals.ts";
import { type JudgedProblem, reads, tokenTensors } from "../judged.ts";
import { type Law, problemOf, type Subject } from "./law.ts";

/**
 * A causal row does not depend on what comes after it: it is the same in any longer sequence. Rows whose
 * allowed set depends on the length by definition (blocks counted from the end, blocks drawn at random) are
 * excluded.
 */
export const causalPrefix: Law = {
  title: "a causal row is the same in a longer sequence",
  applies: ({ causal, shape, filled: { kind, mechanism } }) =>
    causal && shape.length > 1 && isSelfAttention(shape) && (kind.keepsPrefixes?.(mechanism) ?? true),
  async check(subject) {
    const length = Math.ceil(subject.shape.length * 0.6);
    const { shape, filled } = subject;
    const prefix = problemOf(subject, prefixOf(problemOf(subject), length));
    const whole = await subject.output(problemOf(subject));
    const places = sameRows(subject, length);
    if (places.length === 0) return null;
    // Rows that are excluded take the prefix's own output, so that only the others are compared.
    const compared = await subject.output(prefix);
    for (const { batch, head, row } of places) {
      const from = offsetIn(layoutOf(shape, "output"), batch, head, row);
      const to = offsetIn(layoutOf(prefix.shape, "output"), batch, head, row);
      compared.set(whole.subarray(from, from + shape.valueDim), to);
    }
    const choice = firstRows(subject, prefix, subject.choiceOf(whole));
    return subject.compare(prefix, filled.kind.oracle(prefix), places, compared, choice);
  },
};

/** The first `length` tokens of every input whose rows are tokens, and of what the layer has for each token. */
function prefixOf(problem: JudgedProblem, length: number): AttentionInputs {
  const cut = tokenTensors(problem).map(({ name, values, layout }) => {
    const { batch, heads, rows, width } = layout;
    const kept = new Float32Array(batch * heads * length * width);
    for (let slice = 0; slice < batch * heads; slice++) {
      const start = slice * rows * width;
      kept.set(values.subarray(start, start + length * width), slice * length * width);
    }
    return [name, kept] as const;
  });
  const shape = overTokens(problem.shape, length);
  const specs = Object.entries(problem.kind.inputs?.(problem.mechanism) ?? {});
  const weights = specs
    .filter(([, { of }]) => of === "weights")
    .map(([name, spec]) => {
      const values = tensorNamed(problem.inputs, name);
      return [name, cutTensor(values, sizesBy(problem.shape, spec), sizesBy(shape, spec))] as const;
    });
  return { ...problem.inputs, ...Object.fromEntries([...cut, ...weights]), shape };
}

/** What the rows of the prefix chose in the whole sequence, as a choice of the prefix; null if nothing is chosen. */
function firstRows({ filled, shape }: Subject, prefix: JudgedProblem, choice: Choice | null): Choice | null {
  const whole = filled.kind.choices?.(filled.mechanism, shape);
  const specs = filled.kind.choices?.(filled.mechanism, prefix.shape);
  if (choice === null || whole === undefined || specs === undefined) return null;
  const slices = shape.batch * shape.heads;
  const cut = Object.entries(specs).map(([name, { rows, perRow }]) => {
    const { rows: all, perRow: most } = whole[name];
    const array = new Int32Array(slices * rows * perRow);
    for (let row = 0; row < slices * rows; row++) {
      const from = (Math.floor(row / rows) * all + (row % rows)) * most;
      array.set(choice[name].subarray(from, from + perRow), row * perRow);
    }
    return [name, array] as const;
  });
  return Object.fromEntries(cut);
}

function sameRows(subject: Subject, length: number): RowPlace[] {
  const { shape } = subject;
  const readsAt = (tokens: number) => reads({ ...problemOf(subject), shape: overTokens(shape, tokens) });
  const short = readsAt(length);
  const long = readsAt(shape.length);
  const places: RowPlace[] = [];
  for (let batch = 0; batch < shape.batch; batch++) {
    for (let head = 0; head < shape.heads; head++) {
      for (let row = 0; row < length; row++) {
        const same = sameIntervals(short[head].intervals(row), long[head].intervals(row));
        if (same) places.push({ batch, head, row });
      }
    }
  }
  return places;
}
