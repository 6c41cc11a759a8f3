import type { Mechanism } from "../../core/mechanism.ts";
import { type GradientPass, OPERATIONS } from "../../core/operation.ts";
import type { Problem, Task } from "../../core/problem.ts";
import { elementCount, QKV } from "../../core/shape.ts";
import { tensorNamed } from "../../core/tensors.ts";

/**
 * The gradients of `Σ dout · out` with respect to the inputs of another mechanism, whose output is `out`. Its calls are given
 * what those of that mechanism are and `dout` `[batch, heads, queries, valueDim]`, and give the gradients of q, k, v and of
 * the inputs named in `also`, each laid out as its input; `train` gives `out` before them.
 */
export interface Gradient<M extends Mechanism = Mechanism> extends Mechanism {
  readonly kind: "gradient";
  readonly of: M;
  readonly pass: GradientPass;
  /** The other inputs that have a gradient, in the order of their gradients. */
  readonly also: readonly string[];
}

/** Whether a mechanism is a gradient. */
export function isGradient(mechanism: Mechanism): mechanism is Gradient {
  return mechanism.kind === "gradient";
}

/** Whether a mechanism is the gradient of one of a kind, which `is` tells. */
export function isGradientOf<M extends Mechanism>(
  is: (mechanism: Mechanism) => mechanism is M,
): (mechanism: Mechanism) => mechanism is Gradient<M> {
  return (mechanism): mechanism is Gradient<M> => isGradient(mechanism) && is(mechanism.of);
}

/** Whether a gradient's calls give the output as well, so that its forward pass is part of them. */
export function makesOutput({ pass }: Pick<Gradient, "pass">): boolean {
  return OPERATIONS[pass].makesOutput;
}

/** The name of the input `[batch, heads, queries, valueDim]` that a gradient is taken along. */
export const DOUT = "dout";

/** The name of an input's gradient, such as `dq`. */
export function gradientName(input: string): string {
  return `d${input}`;
}

/** What the mechanism within is asked to do. */
export function taskWithin<M extends Mechanism>({ mechanism, ...task }: Task<Gradient<M>>): Task<M> {
  return { ...task, mechanism: mechanism.of };
}

/** The call of the mechanism within, whose inputs include `dout`, which it does not read. */
export function problemWithin<M extends Mechanism>({
  mechanism,
  ...problem
}: Problem<Gradient<M>>): Problem<M> {
  return { ...problem, mechanism: mechanism.of };
}

/** The tensors of an output that a kernel has been given, as views of it. */
export interface GradientArrays {
  /** `[batch, heads, queries, valueDim]`; null in a backward pass. */
  readonly out: Float32Array | null;
  /** By their names: `dq`, `dk`, `dv` and those of the other inputs. */
  readonly gradients: Readonly<Record<string, Float32Array>>;
}

/** Where in an output a kernel writes each tensor. */
export function gradientArrays(
  { mechanism, shape, inputs }: Problem<Gradient>,
  output: Float32Array,
): GradientArrays {
  let at = 0;
  const next = (count: number): Float32Array => {
    at += count;
    return output.subarray(at - count, at);
  };
  const out = makesOutput(mechanism) ? next(elementCount(shape, "output")) : null;
  const counts = [
    ...QKV.map((name) => [name, elementCount(shape, name)] as const),
    ...mechanism.also.map((name) => [name, tensorNamed(inputs, name).length] as const),
  ];
  const gradients = Object.fromEntries(counts.map(([name, count]) => [gradientName(name), next(count)]));
  return { out, gradients };
}
