import type { Mechanism } from "../core/mechanism.ts";
import type { BoundPattern } from "../core/pattern.ts";
import type { Problem, Task } from "../core/problem.ts";
import { type Layout, layoutOf, QKV } from "../core/shape.ts";
import { layoutBy, type TensorSpec } from "../core/tensor-spec.ts";
import { tensorNamed } from "../core/tensors.ts";
import type { ParameterizedVariant } from "../core/variant.ts";
import { bindHeads } from "../pattern/bind.ts";
import type { Kind } from "./kind.ts";

/** A mechanism with its kind as the judge has it. */
export interface Judged {
  readonly mechanism: Mechanism;
  readonly kind: Kind;
}

/** A variant with its parameters filled in, and its kind as the judge has it. */
export type JudgedVariant = ParameterizedVariant & Judged;

/** A task as the judge sees it. */
export type JudgedTask = Task & Judged;

/** A call as the judge sees it. */
export type JudgedProblem = Problem & Judged;

/**
 * A mechanism with its kind, and the inputs of a call. What belongs to the layer follows `shape`, which in
 * decoding is the capacity, and everything else the tokens so far: those of the inputs, and both if it is
 * omitted.
 */
export type JudgedInputs = Judged & Pick<Problem, "inputs"> & Partial<Pick<Problem, "shape">>;

/** One input of a call, and how it lies in memory. */
export interface InputTensor {
  readonly name: string;
  readonly values: Float32Array;
  readonly layout: Layout;
  /** Numbers at the end of each row that stay there, as its specification says; 0 if omitted. */
  readonly tail?: number;
}

/** The inputs of a call whose rows belong to tokens: q, k and v, and what its kind has besides them. */
export function tokenTensors({ mechanism, kind, inputs }: JudgedInputs): readonly InputTensor[] {
  const usual = QKV.map((name) => ({ name, values: inputs[name], layout: layoutOf(inputs.shape, name) }));
  return [...usual, ...others({ mechanism, kind, inputs }, "token")];
}

/** The inputs of a call that belong to the layer and not to its tokens. */
export function weightTensors(problem: JudgedInputs): readonly InputTensor[] {
  return others(problem, "weights");
}

/** The same by their names, as steppers are given them. */
export function weightsOf(problem: JudgedInputs): Readonly<Record<string, Float32Array>> {
  return Object.fromEntries(weightTensors(problem).map(({ name, values }) => [name, values]));
}

function others(
  { mechanism, kind, inputs, shape = inputs.shape }: JudgedInputs,
  of: TensorSpec["of"],
): readonly InputTensor[] {
  return Object.entries(kind.inputs?.(mechanism) ?? {})
    .filter(([, spec]) => spec.of === of)
    .map(([name, spec]) => ({
      name,
      values: tensorNamed(inputs, name),
      layout: layoutBy(of === "weights" ? shape : inputs.shape, spec),
      ...(spec.tail !== undefined && { tail: spec.tail }),
    }));
}

/** The tokens that each row of a task's output may depend on, one bound pattern per head. */
export function reads(task: JudgedTask): readonly BoundPattern[] {
  return bindHeads({ pattern: task.kind.pattern(task.mechanism, task.causal) }, task);
}
