import type { CallSettings } from "../../core/call-settings.ts";
import type { Choice } from "../../core/choice.ts";
import type { RowPlace } from "../../core/rows.ts";
import type { Shape } from "../../core/shape.ts";
import { type AttentionInputs, namesIn, tensorNamed } from "../../core/tensors.ts";
import type { Variant } from "../../core/variant.ts";
import type { JudgedProblem, JudgedVariant } from "../judged.ts";
import type { Kinds } from "../kinds.ts";
import type { Oracle } from "../oracle.ts";

/** What a law is tested on: one variant by one kernel, at one shape. */
export interface Subject {
  readonly variant: Variant;
  readonly filled: JudgedVariant;
  readonly kinds: Kinds;
  /** The call that `filled` is under. */
  readonly call: CallSettings;
  readonly shape: Shape;
  readonly causal: boolean;
  readonly inputs: AttentionInputs;
  readonly seed: number;
}

/** A subject with what a law may ask of the kernel under test. */
export interface Held extends Subject {
  /**
   * The kernel's output, in an array of its own: from the last of `calls` calls of one prepared problem. Each
   * finds NaN there.
   */
  output(problem: JudgedProblem, calls?: number): Promise<Float32Array>;
  /** Whether the kernel is for finite numbers alone. */
  readonly finiteOnly: boolean;
  /** Rows to be examined, if not all are. */
  readonly someRows: readonly RowPlace[];
  /** What the kernel chose for an output that `output` returned; null if its kind chooses nothing, or if it hands out none. */
  choiceOf(output: Float32Array): Choice | null;
  /**
   * What is wrong with rows of an output, by an oracle; null if nothing is. `choice` is what the kernel chose, if the
   * output is none that `output` returned.
   */
  compare(
    problem: JudgedProblem,
    oracle: Oracle,
    places: readonly RowPlace[],
    output: Float32Array,
    choice?: Choice | null,
  ): string | null;
}

/** A property that every variant of a kind has, whatever its numbers. */
export interface Law {
  readonly title: string;
  /** Whether the law says anything about this subject. */
  applies(subject: Subject): boolean;
  /** Null, or how the law was broken. */
  check(subject: Held): Promise<string | null>;
}

/** The problem of a subject, on other inputs if some are given. */
export function problemOf(
  { filled, causal, inputs }: Subject,
  others: AttentionInputs = inputs,
): JudgedProblem {
  const { mechanism, kind } = filled;
  return { mechanism, kind, shape: others.shape, causal, threads: 1, inputs: others };
}

/** Copies inputs, so that a law may change them. */
export function copyInputs(inputs: AttentionInputs): AttentionInputs {
  const copies = namesIn(inputs).map((name) => [name, tensorNamed(inputs, name).slice()]);
  return { ...inputs, ...Object.fromEntries(copies) };
}

/** The first place in `[from, to)` at which two outputs differ in any bit, or -1. NaN equals NaN. */
export function firstDifference(a: Float32Array, b: Float32Array, from: number, to: number): number {
  for (let at = from; at < to; at++) if (!Object.is(a[at], b[at]) && a[at] !== b[at]) return at;
  return -1;
}
