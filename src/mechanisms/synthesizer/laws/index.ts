import { everyRow } from "../../../core/rows.ts";
import type { Shape } from "../../../core/shape.ts";
import { tensorNamed } from "../../../core/tensors.ts";
import { everything } from "../../../pattern/band.ts";
import type { JudgedProblem } from "../../judged.ts";
import { copyInputs, type Law, problemOf, type Subject } from "../../laws/law.ts";
import { sameBits, unlike } from "../../laws/like.ts";
import type { Oracle } from "../../oracle.ts";
import type { SoftmaxPattern } from "../../softmax-pattern/declare.ts";
import { softmaxPatternKind } from "../../softmax-pattern/kind.ts";
import { isSynthesizer, LEARNED, type Logits } from "../declare.ts";

/** The form of a subject's logits; null if it is none of this kind. */
function formOf({ filled: { mechanism } }: Subject): Logits["kind"] | null {
  return isSynthesizer(mechanism) ? mechanism.logits.kind : null;
}

/** Tay et al. 2020, arXiv 2005.00743, section 3.1: no key is read, and by learned logits no query either. */
export const unreadInputs: Law = {
  title: "what the logits are not made of leaves every bit alone",
  applies: (subject) => formOf(subject) !== null,
  async check(subject) {
    const unread = formOf(subject) === "dense" ? (["k"] as const) : (["q", "k"] as const);
    for (const planted of [Number.NaN, -3]) {
      const others = copyInputs(subject.inputs);
      for (const name of unread) others[name].fill(planted);
      const failure = await sameBits(
        subject,
        problemOf(subject),
        problemOf(subject, others),
        unread.join(" and "),
      );
      if (failure !== null) return failure;
    }
    return null;
  },
};

/** `softmax(A Bᵀ) V`: what the factors are to queries and keys. */
export const attentionOfFactors: Law = {
  title: "factors are the queries and keys of softmax attention",
  applies: (subject) => formOf(subject) === "factors",
  async check(subject) {
    const asked = problemOf(subject);
    const [a, b] = [LEARNED.ofQueries, LEARNED.ofKeys].map((name) => tensorNamed(asked.inputs, name));
    return unlike(subject, asked, attentionOf(asked, a, b));
  },
};

/** Softmax attention of two tables that all batch entries share. */
function attentionOf(problem: JudgedProblem, queries: Float32Array, keys: Float32Array): JudgedProblem {
  const { heads, length, batch } = problem.shape;
  const shape: Shape = { ...problem.shape, headDim: queries.length / heads / length };
  const ofEach = (table: Float32Array): Float32Array => {
    const copies = new Float32Array(batch * table.length);
    for (let entry = 0; entry < batch; entry++) copies.set(table, entry * table.length);
    return copies;
  };
  const mechanism: SoftmaxPattern = { kind: "softmaxPattern", pattern: everything(), scale: 1 };
  const inputs = { shape, q: ofEach(queries), k: ofEach(keys), v: problem.inputs.v };
  return { ...problem, shape, mechanism, kind: softmaxPatternKind, inputs };
}

/** A query of zeros has logits of zeros. */
export const meanOfValues: Law = {
  title: "queries of zeros weigh all values alike",
  applies: (subject) => formOf(subject) === "dense",
  async check(subject) {
    const zeroed = copyInputs(subject.inputs);
    zeroed.q.fill(0);
    const asked = problemOf(subject, zeroed);
    const { heads, length } = asked.shape;
    const zeros = new Float32Array(heads * length);
    return unlike(subject, asked, attentionOf(asked, zeros, zeros));
  },
};

/** The logits of a row are a function of its query alone, and not of its place. */
export const equalQueries: Law = {
  title: "equal queries have equal rows",
  applies: (subject) => formOf(subject) === "dense" && !subject.causal,
  async check(subject) {
    const { shape } = subject;
    const equal = copyInputs(subject.inputs);
    const { headDim, queries } = shape;
    for (let from = 0; from < equal.q.length; from += queries * headDim) {
      for (let row = 1; row < queries; row++) {
        equal.q.copyWithin(from + row * headDim, from, from + headDim);
      }
    }
    const problem = problemOf(subject, equal);
    const own = problem.kind.oracle(problem);
    /** Each row is the first of its head. */
    const first: Oracle = {
      rows: (places, round) =>
        own.rows(
          places.map((place) => ({ ...place, row: 0 })),
          round,
        ),
    };
    return subject.compare(problem, first, everyRow(shape), await subject.output(problem));
  },
};

/** The laws of the kind. */
export const synthesizerLaws: readonly Law[] = [unreadInputs, attentionOfFactors, meanOfValues, equalQueries];
