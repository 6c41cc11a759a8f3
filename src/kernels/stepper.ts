import type { Choice } from "../core/choice.ts";
import type { Task } from "../core/problem.ts";
import type { AttentionInputs } from "../core/tensors.ts";

/**
 * Autoregressive decoding: one query at a time against a state that may or may not grow. The state after t
 * tokens is all that the outputs of later tokens may depend on; "Transformers are RNNs" (Katharopoulos et al.
 * 2020, arXiv 2006.16236, section 3.4) is the case where its size does not depend on t.
 */
export interface DecodeKernel {
  /**
   * `true`, or why it cannot. The task is causal; its length is the capacity, at which the pattern is bound.
   */
  supports(task: Task): true | string;
  /**
   * Compiles what each step reads, and allocates the state for `task.shape.length` tokens. Timed separately,
   * as prepare time. `weights` are the inputs that belong to the layer, if the kind has any; they stay as they
   * are.
   */
  prepare(task: Task, weights?: Weights): Stepper | Promise<Stepper>;
}

/** One that prepares synchronously. */
export interface ReadyDecodeKernel extends DecodeKernel {
  prepare(task: Task, weights?: Weights): Stepper;
}

/** Inputs that belong to the layer, by name. */
export type Weights = Readonly<Record<string, Float32Array>>;

/**
 * The numbers of one token in every head: q `[batch, heads, headDim]`, k `[batch, kvHeads, headDim]` and v
 * `[batch, kvHeads, valueDim]` go in, out `[batch, heads, valueDim]` comes out. A kind with further inputs
 * has those by their names.
 */
export interface Token {
  readonly [name: string]: Float32Array;
  readonly q: Float32Array;
  readonly k: Float32Array;
  readonly v: Float32Array;
  readonly out: Float32Array;
}

/**
 * A layer in the middle of a sequence. One that computes on a device or in another process has `finish`: `prefill` and
 * `step` then read the arrays that they are given before they return, and start what is computed.
 */
export interface Stepper {
  /** Tokens taken in so far. */
  readonly position: number;
  /** The most tokens that it takes in. */
  readonly capacity: number;
  /**
   * Bytes of state at this position, a whole number: what is kept of the tokens taken in, and no more. For
   * keys and values those that the last query taken in or a later one attends; more may be allocated.
   */
  readonly stateBytes: number;
  /** Bytes of state that the next step reads and writes, caches not considered; 0 if there is none. */
  readonly stepBytes: number;
  /**
   * Bytes allocated besides the state: what was compiled, scratch; null if the kernel does not count them.
   */
  readonly workspaceBytes: number | null;
  /**
   * Why it keeps or reads fewer bytes than keys and values of 4-byte floats take; omitted if it does not.
   */
  readonly whyFewer?: string;
  /** Forgets all tokens. The next one is the first. */
  reset(): void;
  /**
   * Takes in tokens `position … position + count - 1` of `inputs` without
   * their outputs. The inputs may be longer; what comes after these tokens is not part of the sequence yet.
   * Refuses, with a RangeError that names both numbers, what is past the capacity or past the inputs.
   */
  prefill(inputs: AttentionInputs, count: number): void;
  /**
   * Takes in the token at `position` and computes its output or, if there is a `finish`, starts doing so. Allocates
   * nothing on the JavaScript heap if there is none. Refuses a step past the capacity with a RangeError.
   */
  step(token: Token): void;
  /**
   * The fence: resolves once everything started is computed. Several steps may be started before it, up to 64; together
   * with it they are their time. Omitted if `prefill` and `step` compute before they return.
   */
  finish?(): Promise<void>;
  /**
   * Brings the outputs of the steps between the last two fences, or between a reset and the last fence, into `out` of
   * their tokens, outside their time; asked again, it brings them again. Omitted if `finish` does.
   */
  fetch?(): void | Promise<void>;
  /** What the last step chose, one row a head, if its kind chooses what a query reads; omitted by other kinds. */
  choice?(): Choice;
  dispose(): void;
}
