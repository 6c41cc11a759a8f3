import { FLOAT32_LEAST } from "../../../core/error-budget.ts";
import type { Mechanism } from "../../../core/mechanism.ts";
import { everyRow, type RowPlace } from "../../../core/rows.ts";
import type { AttentionInputs } from "../../../core/tensors.ts";
import { expecting } from "../../laws/expecting.ts";
import type { Held, Law } from "../../laws/law.ts";
import { isRecurrence, type Recurrence } from "../declare.ts";
import { axisOf, onAxes, SIZE } from "./axes.ts";
import { rowOf, weighted } from "./rows.ts";

/** Whether decays can be made 1, that is, whether they follow from gates or are always. */
function canKeep(mechanism: Mechanism): mechanism is Recurrence {
  if (!isRecurrence(mechanism)) return false;
  return mechanism.decay.form !== "retention" && mechanism.decay.form !== "lightning";
}

/** Whether decays can be made 0. */
function canForget(mechanism: Mechanism): mechanism is Recurrence {
  return canKeep(mechanism) && mechanism.decay.form !== "none" && mechanism.decay.form !== "rwkv7";
}

/** What a query reads of a channel in which `v` was written whole with a key of an axis. */
function reading(mechanism: Recurrence, inputs: AttentionInputs, place: RowPlace): Float64Array {
  const { unit, scale } = mechanism;
  const q = rowOf(inputs, "q", place);
  const length = unit === "both" ? Math.sqrt(q.reduce((sum, x) => sum + x * x, 1e-6)) : 1;
  const key = unit === "both" ? 1 : SIZE;
  return q.map((x) => ((scale ?? 1 / Math.sqrt(q.length)) * key * x) / length);
}

/** Compares with rows that are sums of rows of v, whose weights follow from the tokens so far. */
async function summing(
  subject: Held,
  decay: 0 | 1,
  weigh: (mechanism: Recurrence, reads: Float64Array, from: number, to: number) => number,
): Promise<string | null> {
  const { mechanism } = subject.filled;
  if (!isRecurrence(mechanism)) return null;
  const problem = onAxes(subject, mechanism, { decay, write: 1 });
  const { inputs } = problem;
  const { headDim } = subject.shape;
  const expected = (place: RowPlace): Float64Array => {
    const reads = reading(mechanism, inputs, place);
    const weights = Array.from({ length: place.row + 1 }, (_, row) => {
      const weight = weigh(mechanism, reads, row, place.row) * reads[axisOf({ row }, headDim)];
      const own = row === place.row ? mechanism.skip : 0;
      return [weight + own, { ...place, row }] as const;
    });
    return weighted(inputs, weights);
  };
  const output = await subject.output(problem);
  return subject.compare(problem, expecting(problem, expected), everyRow(subject.shape), output);
}

/** A token's own weight: 1, or where it is read before it is written, the bonus. */
function own({ bonus }: Recurrence): number {
  return bonus ?? 1;
}

/** Without erasure a state that keeps everything is unnormalised linear attention; with it, the last of each key. */
export const allKept: Law = {
  title:
    "a recurrence that forgets nothing sums what was written, or holds the last v of each orthogonal key if it erases",
  applies: ({ filled: { mechanism } }) => canKeep(mechanism),
  check: (subject) =>
    summing(subject, 1, (mechanism, reads, from, to) => {
      if (from === to) return own(mechanism);
      return mechanism.erase !== null && to - from >= reads.length ? 0 : 1;
    }),
};

/** With decays of 0 only the token itself is there to be read, or where it is read before it is written, the one before. */
export const allForgotten: Law = {
  title: "a recurrence whose decays are 0 holds nothing of earlier tokens",
  applies: ({ filled: { mechanism } }) => canForget(mechanism),
  check: (subject) =>
    summing(subject, 0, (mechanism, _reads, from, to) => {
      if (from === to) return own(mechanism);
      return mechanism.bonus !== null && to - from === 1 ? 1 : 0;
    }),
};

/** A gate that is smaller than any normal float32 number may let through as much as that, times a long key. */
const NOTHING = 2 ** 20 * FLOAT32_LEAST;

/** β of 0 writes nothing. */
export const nothingWritten: Law = {
  title: "a recurrence whose writing gates are 0 gives zeros",
  applies: ({ filled: { mechanism } }) =>
    isRecurrence(mechanism) && (mechanism.write.form === "logistic" || mechanism.write.form === "given"),
  async check(subject) {
    const { mechanism } = subject.filled;
    if (!isRecurrence(mechanism)) return null;
    const output = await subject.output(onAxes(subject, mechanism, { decay: 1, write: 0 }));
    const at = output.findIndex((value) => !(Math.abs(value) <= NOTHING));
    return at < 0 ? null : `element ${at}: got ${output[at]} where nothing was written`;
  },
};
