import { everyRow, type RowPlace } from "../../../core/rows.ts";
import { layoutBy } from "../../../core/tensor-spec.ts";
import { type AttentionInputs, tensorNamed } from "../../../core/tensors.ts";
import type { JudgedProblem } from "../../judged.ts";
import { expecting } from "../../laws/expecting.ts";
import { type Law, problemOf } from "../../laws/law.ts";
import { unlike } from "../../laws/like.ts";
import { type Decay, isRecurrence, type Recurrence } from "../declare.ts";
import { recurrenceInputs } from "../inputs.ts";
import { dot, rowOf, weighted } from "./rows.ts";

/** What a head's state keeps of itself from token to token, by the definition. */
function constantDecay(form: string, head: number, heads: number): number | null {
  if (form === "retention") return 1 - 1 / (32 * 2 ** head);
  return form === "lightning" ? Math.exp(-1 / 256 ** ((head + 1) / heads)) : null;
}

/** With one decay a head a row is a sum over tokens by powers of it: the form in parallel. */
export const constantSum: Law = {
  title: "a recurrence of one constant decay a head is a sum of values, each by a power of it",
  applies: ({ filled: { mechanism } }) =>
    isRecurrence(mechanism) && constantDecay(mechanism.decay.form, 0, 1) !== null,
  async check(subject) {
    const { shape, filled } = subject;
    const { mechanism } = filled;
    if (!isRecurrence(mechanism)) return null;
    const problem = problemOf(subject);
    const { inputs } = problem;
    const scale = mechanism.scale ?? 1 / Math.sqrt(shape.headDim);
    const expected = (place: RowPlace): Float64Array => {
      const kept = constantDecay(mechanism.decay.form, place.head, shape.heads) ?? Number.NaN;
      const q = rowOf(inputs, "q", place);
      const weights = Array.from({ length: place.row + 1 }, (_, row) => {
        const one = { ...place, row };
        return [scale * kept ** (place.row - row) * dot(q, rowOf(inputs, "k", one)), one] as const;
      });
      return weighted(inputs, weights);
    };
    const output = await subject.output(problem);
    return subject.compare(problem, expecting(problem, expected), everyRow(shape), output);
  },
};

/** The same decay with one number a token; null if that is none of its forms. */
function perToken(decay: Decay): Decay | null {
  if (decay.form === "given") return { ...decay, per: "token" };
  return decay.form === "logistic" || decay.form === "softplus" ? { ...decay, per: "token" } : null;
}

/** Channels whose decays are made by the same row of weights, or are given alike, decay as one number does. */
export const channelsAlike: Law = {
  title: "a recurrence whose channels decay alike is that of one decay a token",
  applies: ({ filled: { mechanism } }) =>
    isRecurrence(mechanism) &&
    "per" in mechanism.decay &&
    mechanism.decay.per === "channel" &&
    perToken(mechanism.decay) !== null,
  async check(subject) {
    const { mechanism } = subject.filled;
    const decay = isRecurrence(mechanism) ? perToken(mechanism.decay) : null;
    if (!isRecurrence(mechanism) || decay === null) return null;
    const name = decay.form === "given" ? "g" : "decay";
    const alike = withFirst(problemOf(subject), mechanism, name);
    const one = { ...mechanism, decay };
    const inputs: AttentionInputs = { ...alike.inputs, [name]: alike.first };
    return unlike(subject, alike.problem, { ...alike.problem, mechanism: one, inputs });
  },
};

/**
 * The problem with the first row of a head's weights in all of its rows, or the first channel of a gate in all channels; and
 * those firsts alone.
 */
function withFirst(problem: JudgedProblem, mechanism: Recurrence, name: "g" | "decay") {
  const { inputs, shape } = problem;
  const { rows, width } = layoutBy(shape, recurrenceInputs(mechanism)[name]);
  const values = tensorNamed(inputs, name).slice();
  const [group, size] = name === "g" ? [width, 1] : [rows * width, width];
  const first = new Float32Array((values.length / group) * size);
  for (let at = 0; at < values.length; at += group) {
    const own = values.slice(at, at + size);
    first.set(own, (at / group) * size);
    for (let to = at; to < at + group; to += size) values.set(own, to);
  }
  const changed: AttentionInputs = { ...inputs, [name]: values };
  return { problem: { ...problem, inputs: changed }, inputs: changed, first };
}
