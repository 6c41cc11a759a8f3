import { placeText, rowsIn } from "../../../core/outputs.ts";
import { randomStream } from "../../../core/random.ts";
import type { RowPlace } from "../../../core/rows.ts";
import { countOf } from "../../../core/shape.ts";
import { layoutBy } from "../../../core/tensor-spec.ts";
import { type AttentionInputs, tensorNamed } from "../../../core/tensors.ts";
import { gradientName, isGradientOf } from "../../gradient/declare.ts";
import { fillDout } from "../../gradient/laws/gradient-problem.ts";
import type { JudgedProblem } from "../../judged.ts";
import { copyInputs, type Law, problemOf, type Subject } from "../../laws/law.ts";
import { outputsOf } from "../../outputs.ts";
import { isRecurrence, type Recurrence } from "../declare.ts";
import { recurrenceInputs } from "../inputs.ts";

const isOfRecurrence = isGradientOf(isRecurrence);

/** The recurrence whose gradient a subject is. */
function recurrenceOf({ filled: { mechanism } }: Subject): Recurrence {
  if (!isOfRecurrence(mechanism))
    throw new TypeError("law: it must be held against the gradient of a recurrence");
  return mechanism.of;
}

/** The gradient of another recurrence on the subject's tokens, whose gates that are given are filled with these numbers. */
function problemWith(
  subject: Subject,
  of: Recurrence,
  fills: Readonly<Record<string, number>>,
): JudgedProblem {
  const { shape, inputs } = subject;
  const specs = recurrenceInputs(of);
  const named = Object.entries(specs).map(([name, spec]) => {
    const fill = fills[name];
    const values =
      fill === undefined
        ? tensorNamed(inputs, name)
        : new Float32Array(countOf(layoutBy(shape, spec))).fill(fill);
    return [name, values] as const;
  });
  const changed: AttentionInputs = { ...copyInputs(inputs), ...Object.fromEntries(named) };
  const mechanism = { ...subject.filled.mechanism, of, also: Object.keys(specs) };
  return { ...problemOf(subject, changed), mechanism };
}

/** A recurrence whose gates do not follow from time steps, which are of the decay and of what is written. */
function without(recurrence: Recurrence): Recurrence {
  const isStepped = recurrence.write.form === "step" || recurrence.write.form === "given-step";
  return isStepped ? { ...recurrence, write: { form: "given" } } : recurrence;
}

const ofInputs = ["q", "k", "v"].map(gradientName);

/** A decay of 1 leaves nothing out, forward or back. */
export const openDecays: Law = {
  title: "where decays are 1 the gradients of q, k and v are those without a decay",
  applies: ({ filled: { mechanism } }) => isOfRecurrence(mechanism),
  async check(subject) {
    const plain = without(recurrenceOf(subject));
    const fills = { g: 0, beta: 0.5 };
    const open = problemWith(subject, { ...plain, decay: { form: "given", per: "channel" } }, fills);
    const none = problemWith(subject, { ...plain, decay: { form: "none" } }, fills);
    const places = rowsIn(outputsOf(open)).map(({ place }) => place);
    const isOfInput = ({ tensor = "" }: RowPlace) => ofInputs.includes(tensor);
    const output = await subject.output(open);
    return subject.compare(open, none.kind.oracle(none), [...places].filter(isOfInput), output);
  },
};

/** A decay of 0 lets nothing back, and has no gradient itself, as the exponential of -Infinity. */
export const closedDecays: Law = {
  title: "where decays are 0 no gradient reaches an earlier token, and none the decays",
  applies: ({ filled: { mechanism } }) =>
    // What is erased before the decay is taken from what is no longer there.
    isOfRecurrence(mechanism) && mechanism.of.erase !== "before-decay",
  async check(subject) {
    const { shape, seed } = subject;
    const plain = without(recurrenceOf(subject));
    const closed: Recurrence = { ...plain, decay: { form: "given", per: "channel" } };
    const problem = problemWith(subject, closed, { g: Number.NEGATIVE_INFINITY, beta: 0.5 });
    const query = randomStream(seed, shape.length).below(shape.length);
    fillDout(problem, 0, (row) => row !== query);
    const output = await subject.output(problem);
    const isReached = ({ row }: RowPlace): boolean =>
      row === query || (closed.bonus !== null && row === query - 1);
    const isUnreached = (place: RowPlace): boolean =>
      place.tensor === gradientName("g") || (ofInputs.includes(place.tensor ?? "") && !isReached(place));
    return notZero(problem, output, isUnreached, `along the dout of query ${query} alone, with decays of 0`);
  },
};

/** What is not written is not read. */
export const closedWrites: Law = {
  title: "where nothing is written q, k and v have no gradient",
  applies: ({ filled: { mechanism } }) => isOfRecurrence(mechanism) && mechanism.of.bonus === null,
  async check(subject) {
    const closed: Recurrence = { ...recurrenceOf(subject), write: { form: "given" }, skip: 0 };
    const isStepped = closed.decay.form === "softplus";
    const of: Recurrence = isStepped ? { ...closed, decay: { form: "given", per: "token" } } : closed;
    const problem = problemWith(subject, of, { g: -0.5, beta: 0 });
    const output = await subject.output(problem);
    return notZero(
      problem,
      output,
      ({ tensor = "" }) => ofInputs.includes(tensor),
      "where nothing is written",
    );
  },
};

/** The first number that is not 0 in the rows that must be, in words; null if there is none. */
function notZero(
  problem: JudgedProblem,
  output: Float32Array,
  must: (place: RowPlace) => boolean,
  where: string,
): string | null {
  for (const { place, at, width } of rowsIn(outputsOf(problem))) {
    if (!must(place)) continue;
    const column = output.subarray(at, at + width).findIndex((value) => value !== 0);
    if (column < 0) continue;
    return `${placeText(place)}, column ${column}: got ${output[at + column]} ${where}; it must be 0`;
  }
  return null;
}

/** Laws of the gates at the ends of their domains. */
export const recurrenceGradientLaws: readonly Law[] = [openDecays, closedDecays, closedWrites];
