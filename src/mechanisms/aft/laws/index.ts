import { everyRow } from "../../../core/rows.ts";
import { tensorNamed } from "../../../core/tensors.ts";
import type { JudgedProblem } from "../../judged.ts";
import { copyInputs, type Law, problemOf, type Subject } from "../../laws/law.ts";
import { unlike } from "../../laws/like.ts";
import { float64, type Oracle } from "../../oracle.ts";
import { type Aft, isAft, LEARNED } from "../declare.ts";

const CONSTANT = 1.5;
/** A power of two, so that adding it loses nothing of keys that are multiples of the step below. */
const SHIFT = 2048;
const STEP = 2 ** -12;

function mechanismOf({ filled: { mechanism } }: Subject): Aft | null {
  return isAft(mechanism) ? mechanism : null;
}

function isBiased(subject: Subject): boolean {
  return (mechanismOf(subject)?.biases ?? null) !== null;
}

/** Zhai et al. 2021, arXiv 2105.14103, section 3: AFT-simple is AFT-full without position biases. */
export const withoutBiases: Law = {
  title: "position biases of 0 change nothing",
  applies: isBiased,
  async check(subject) {
    const zeroed = copyInputs(subject.inputs);
    for (const name of Object.values(LEARNED)) tensorNamed(zeroed, name).fill(0);
    const asked = problemOf(subject, zeroed);
    const simple: Aft = { kind: "aft", biases: null };
    return unlike(subject, asked, { ...asked, mechanism: simple });
  },
};

/** Weights of a channel sum to 1, and its gate is all that is left of a constant. */
export const gatedConstant: Law = {
  title: "of constant values the gate times the constant remains",
  applies: (subject) => mechanismOf(subject) !== null,
  async check(subject) {
    const { shape, inputs } = subject;
    const problem = problemOf(subject, { ...inputs, v: new Float32Array(inputs.v.length).fill(CONSTANT) });
    const exact = problem.kind.oracle(problem);
    const { heads, queries, headDim } = shape;
    /** The gate itself, with the slack of the row that it is, and what a float32 pass errs there. */
    const gates: Oracle = {
      rows(places, round) {
        const computed = exact.rows(places, round);
        const precise = round === float64 ? computed : exact.rows(places, float64);
        return computed.map(({ values, ...rest }, index) => {
          const { batch, head, row } = places[index];
          const at = ((batch * heads + head) * queries + row) * headDim;
          const told = values.map((value, c) => {
            const gate = 1 / (1 + Math.exp(-problem.inputs.q[at + c]));
            return CONSTANT * gate + (value - precise[index].values[c]);
          });
          return { values: told, ...rest };
        });
      },
    };
    return subject.compare(problem, gates, everyRow(shape), await subject.output(problem));
  },
};

/** What all keys have in common cancels. */
export const keysShift: Law = {
  title: "adding a constant to every key changes nothing",
  applies: (subject) => mechanismOf(subject) !== null,
  async check(subject) {
    const rounded = copyInputs(subject.inputs);
    for (let at = 0; at < rounded.k.length; at++) rounded.k[at] = Math.round(rounded.k[at] / STEP) * STEP;
    const shifted = copyInputs(rounded);
    for (let at = 0; at < shifted.k.length; at++) shifted.k[at] += SHIFT;
    const [plain, moved] = [problemOf(subject, rounded), problemOf(subject, shifted)];
    const own = plain.kind.oracle(plain);
    const far = moved.kind.oracle(moved);
    /** The rows of the keys as they were; how far off they may be follows from the keys as they are. */
    const same: Oracle = {
      rows: (places, round) => {
        const as = far.rows(places, round);
        const precise = far.rows(places, float64);
        return own.rows(places, float64).map(({ values }, index) => ({
          ...as[index],
          values: values.map((value, c) => value + as[index].values[c] - precise[index].values[c]),
        }));
      },
    };
    return subject.compare(moved, same, everyRow(subject.shape), await subject.output(moved));
  },
};

/**
 * Keys in the thousands, which rise and fall from token to token: a row that sees only small ones must not lose
 * them to larger ones that come later. The last row of every prefix is what a recurrent evaluation has there.
 */
export const farKeys: Law = {
  title: "keys in the thousands count in the rows that see no larger ones",
  applies: (subject) => mechanismOf(subject) !== null,
  async check(subject) {
    const { shape } = subject;
    const far = copyInputs(subject.inputs);
    const { headDim, length } = shape;
    for (let at = 0; at < far.k.length; at++) {
      const token = Math.floor(at / headDim) % length;
      const channel = at % headDim;
      // Rising in one channel, falling in the next, and to and fro in the third.
      const place = [token, length - token, (token * 7) % 11][channel % 3];
      far.k[at] += (3000 * place) / (channel % 3 === 2 ? 11 : length);
    }
    const problem: JudgedProblem = problemOf(subject, far);
    return unlike(subject, problem, problem);
  },
};

/** The laws of the kind. */
export const aftLaws: readonly Law[] = [withoutBiases, gatedConstant, keysShift, farKeys];
