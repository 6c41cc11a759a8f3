import { measure } from "../../core/pattern.ts";
import { everyRow } from "../../core/rows.ts";
import { type JudgedProblem, reads } from "../judged.ts";
import type { Oracle } from "../oracle.ts";
import { type Held, problemOf } from "./law.ts";

/** Two problems whose outputs are the same, or a multiple of one another. */
export interface Twins {
  /** What the kernel computes. */
  readonly asked: JudgedProblem;
  /** What the reference does. */
  readonly like: JudgedProblem;
  /** What a row of the latter is multiplied by, if it attends `keys` keys; 1 if omitted. */
  readonly times?: (keys: number) => number;
}

/** What is wrong with the kernel's output for the one, by the reference's for the other; null if nothing is. */
export async function compareTwins(subject: Held, { asked, like, times }: Twins): Promise<string | null> {
  const read = reads(like);
  const exact = like.kind.oracle(like);
  const oracle: Oracle = {
    rows: (places, round) =>
      exact.rows(places, round).map((row, index) => {
        if (times === undefined) return row;
        const { head, row: query } = places[index];
        const factor = times(measure(read[head].intervals(query)));
        return {
          values: row.values.map((value) => factor * value),
          magnitudes: row.magnitudes.map((magnitude) => factor * magnitude),
          slack: () => row.slack().map((one) => factor * one),
        };
      }),
  };
  return subject.compare(asked, oracle, everyRow(like.shape), await subject.output(asked));
}

/** The problem of a subject, of mechanisms of one sort; throws for another. */
export function problemOfSort<M extends JudgedProblem["mechanism"]>(
  subject: Held,
  is: (mechanism: JudgedProblem["mechanism"]) => mechanism is M,
): JudgedProblem & { readonly mechanism: M } {
  const problem = problemOf(subject);
  const { mechanism } = problem;
  if (!is(mechanism)) throw new TypeError(`law: not one of ${mechanism.kind}`);
  return { ...problem, mechanism };
}

/** A problem with some of its inputs made anew. */
export function withInputs<P extends JudgedProblem>(
  problem: P,
  change: Readonly<Record<string, (values: Float32Array) => Float32Array>>,
): P {
  const inputs = { ...problem.inputs };
  for (const [name, made] of Object.entries(change)) {
    const values: unknown = Reflect.get(inputs, name);
    if (values instanceof Float32Array) Reflect.set(inputs, name, made(values));
  }
  return { ...problem, inputs };
}

export const zeros = (values: Float32Array): Float32Array => new Float32Array(values.length);

/** Makes each row of q, of k, or of what is as wide as they are, anew. */
export function rowsOf(
  { shape: { headDim } }: JudgedProblem,
  make: (row: Float32Array, made: Float32Array) => void,
): (values: Float32Array) => Float32Array {
  return (values) => {
    const made = new Float32Array(values.length);
    for (let at = 0; at < values.length; at += headDim) {
      make(values.subarray(at, at + headDim), made.subarray(at, at + headDim));
    }
    return made;
  };
}
