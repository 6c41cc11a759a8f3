import type { Mechanism } from "../../core/mechanism.ts";
import type { Task } from "../../core/problem.ts";
import type { Arrays } from "../arrays/arrays.ts";
import type { Tensor } from "../arrays/tensor.ts";

/** What a twin is made for. Of the shape it knows heads, tokens and widths; it takes any batch. */
export type TwinTask<M extends Mechanism = Mechanism> = Pick<Task<M>, "mechanism" | "shape" | "causal">;

/** The inputs of a call, as tensors. */
export interface TwinInputs {
  /** `[batch, heads, queries, headDim]`. */
  readonly q: Tensor;
  /** `[batch, heads, length, headDim]`, as is v. */
  readonly k: Tensor;
  readonly v: Tensor;
  /** What else the mechanism takes, such as gates `g` `[batch, heads, length, 1 or headDim]`, by its names. */
  readonly named: Readonly<Record<string, Tensor>>;
}

/** Computes a mechanism over all pairs of tokens, written so that it has a gradient. */
export interface Twin {
  /** The output, `[batch, heads, queries, headDim]`. */
  (inputs: TwinInputs): Tensor;
  /**
   * If it chooses what a query reads: what it chose, by the names of the kind's choices, `[batch, heads, rows, candidates]`, 1
   * for those chosen and 0 for others.
   */
  chosen?(inputs: TwinInputs): Readonly<Record<string, Tensor>>;
}

/**
 * How the twins of a kind of attention are made, from declarations alone. A twin shares no line with the kind's references,
 * by which it is judged, nor with its kernels, which must then agree with it.
 */
export interface TwinKind<M extends Mechanism> {
  is(mechanism: Mechanism): mechanism is M;
  /** Why there is no twin of a mechanism, in words that follow its name; null if there is one. */
  whyNot(mechanism: M): string | null;
  twin(arrays: Arrays, task: TwinTask<M>): Twin;
}
