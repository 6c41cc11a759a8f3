import { measure } from "../../../core/pattern.ts";
import { everyRow } from "../../../core/rows.ts";
import type { JudgedProblem } from "../../judged.ts";
import { reads } from "../../judged.ts";
import { type Law, problemOf, type Subject } from "../../laws/law.ts";
import type { Oracle } from "../../oracle.ts";
import { isSoftmaxPattern, type SoftmaxPattern } from "../declare.ts";

/** A problem of this kind. */
export type PairsProblem = JudgedProblem & { readonly mechanism: SoftmaxPattern };

/** Two problems whose outputs are the same, or a multiple of one another. */
export interface Twins {
  /** What the kernel computes. */
  readonly asked: JudgedProblem;
  /** What the reference does. */
  readonly like: JudgedProblem;
  /** What a row of the latter is multiplied by, if it attends `keys` keys; 1 if omitted. */
  readonly times?: (keys: number) => number;
}

/** A law by which one problem follows from another: the kernel solves the one, the reference the other. */
export function sameAs(
  title: string,
  holdsFor: (mechanism: SoftmaxPattern) => boolean,
  twins: (problem: PairsProblem) => Twins,
): Law {
  return {
    title,
    applies: ({ filled: { mechanism } }) => isSoftmaxPattern(mechanism) && holdsFor(mechanism),
    async check(subject) {
      const { asked, like, times } = twins(pairsOf(subject));
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
    },
  };
}

function pairsOf(subject: Subject): PairsProblem {
  const problem = problemOf(subject);
  const { mechanism } = problem;
  if (!isSoftmaxPattern(mechanism)) throw new TypeError(`law: not one of ${mechanism.kind}`);
  return { ...problem, mechanism };
}

/** A problem with some of its inputs made anew. */
export function withInputs(
  problem: PairsProblem,
  change: Readonly<Record<string, (values: Float32Array) => Float32Array>>,
): PairsProblem {
  const inputs = { ...problem.inputs };
  for (const [name, made] of Object.entries(change)) {
    const values: unknown = Reflect.get(inputs, name);
    if (values instanceof Float32Array) Reflect.set(inputs, name, made(values));
  }
  return { ...problem, inputs };
}

/** A problem of other mathematics on the same inputs. */
export function withForms(problem: PairsProblem, forms: Partial<SoftmaxPattern>): PairsProblem {
  return { ...problem, mechanism: { ...problem.mechanism, ...forms } };
}

export const zeros = (values: Float32Array): Float32Array => new Float32Array(values.length);
