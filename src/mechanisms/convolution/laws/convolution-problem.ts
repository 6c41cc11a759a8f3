import { tensorNamed } from "../../../core/tensors.ts";
import type { JudgedProblem } from "../../judged.ts";
import { problemOf, type Subject } from "../../laws/law.ts";
import { type Convolution, isConvolution } from "../declare.ts";

/** A problem of this kind. */
export type ConvolutionProblem = JudgedProblem & { readonly mechanism: Convolution };

/** The problem of a subject. Throws for another kind's. */
export function convolutionOf(subject: Subject): ConvolutionProblem {
  const problem = problemOf(subject);
  const { mechanism } = problem;
  if (!isConvolution(mechanism)) throw new TypeError(`law: not one of ${mechanism.kind}`);
  return { ...problem, mechanism };
}

/** Whether a law is about one of these forms. */
export function isOf({ filled: { mechanism } }: Subject, ...forms: readonly Convolution["form"][]): boolean {
  return isConvolution(mechanism) && forms.includes(mechanism.form);
}

/** The problem with some inputs made anew from what they were, and other fields of the mechanism. */
export function changed(
  problem: ConvolutionProblem,
  mechanism: Partial<Convolution>,
  inputs: Readonly<Record<string, Float32Array>>,
): ConvolutionProblem {
  return {
    ...problem,
    mechanism: { ...problem.mechanism, ...mechanism },
    inputs: { ...problem.inputs, ...inputs },
  };
}

/** An input of a problem by its name. */
export function inputOf({ inputs }: ConvolutionProblem, name: string): Float32Array {
  return tensorNamed(inputs, name);
}
