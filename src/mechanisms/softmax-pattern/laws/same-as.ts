import type { JudgedProblem } from "../../judged.ts";
import type { Law } from "../../laws/law.ts";
import { compareTwins, problemOfSort, type Twins } from "../../laws/twins.ts";
import { isSoftmaxPattern, type SoftmaxPattern } from "../declare.ts";

/** A problem of this kind. */
type PairsProblem = JudgedProblem & { readonly mechanism: SoftmaxPattern };

/** A law by which one problem follows from another: the kernel solves the one, the reference the other. */
export function sameAs(
  title: string,
  holdsFor: (mechanism: SoftmaxPattern) => boolean,
  twins: (problem: PairsProblem) => Twins,
): Law {
  return {
    title,
    applies: ({ filled: { mechanism } }) => isSoftmaxPattern(mechanism) && holdsFor(mechanism),
    check: (subject) => compareTwins(subject, twins(problemOfSort(subject, isSoftmaxPattern))),
  };
}

/** A problem of other mathematics on the same inputs. */
export function withForms(problem: PairsProblem, forms: Partial<SoftmaxPattern>): PairsProblem {
  return { ...problem, mechanism: { ...problem.mechanism, ...forms } };
}
