import type { Problem } from "../../core/problem.ts";
import { elementCount, type Shape } from "../../core/shape.ts";
import type { AttentionInputs } from "../../core/tensors.ts";
import type { ParameterizedVariant, Variant } from "../../core/variant.ts";
import { guardedOutput, type Kernel } from "../../kernels/kernel.ts";

/** What a law is held against: one variant by one kernel, at one shape. */
export interface Subject {
  readonly variant: Variant;
  readonly filled: ParameterizedVariant;
  readonly kernel: Kernel;
  readonly shape: Shape;
  readonly causal: boolean;
  readonly inputs: AttentionInputs;
  readonly seed: number;
}

/** A property that every variant has whatever its numbers. Returns null, or how it was broken. */
export interface Law {
  readonly title: string;
  /** Whether the law says anything about this subject. */
  applies(subject: Subject): boolean;
  check(subject: Subject): string | null;
}

/** The problem of a subject, on other inputs where some are given. */
export function problemOf(subject: Subject, inputs: AttentionInputs = subject.inputs): Problem {
  const { filled, causal } = subject;
  return { mechanism: filled.mechanism, shape: inputs.shape, causal, threads: 1, inputs };
}

/** The kernel's output, in an array of its own. */
export function outputOf(problem: Problem, kernel: Kernel): Float32Array {
  const output = guardedOutput(elementCount(problem.shape)).fill(Number.NaN);
  const runnable = kernel.prepare(problem, output);
  runnable.run();
  const copy = runnable.output().slice();
  runnable.dispose();
  return copy;
}

/** Copies inputs, so that a law may change them. */
export function copyInputs({ shape, q, k, v }: AttentionInputs): AttentionInputs {
  return { shape, q: q.slice(), k: k.slice(), v: v.slice() };
}

/** The first place in `[from, to)` at which two outputs differ in any bit, or -1. NaN equals NaN. */
export function firstDifference(a: Float32Array, b: Float32Array, from: number, to: number): number {
  for (let at = from; at < to; at++) if (!Object.is(a[at], b[at]) && a[at] !== b[at]) return at;
  return -1;
}
