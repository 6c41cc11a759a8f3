import type { Task } from "../core/problem.ts";
import type { AttentionInputs } from "../core/tensors.ts";

/**
 * Autoregressive decoding: one query at a time against a state that grows, or does not. The state after t tokens is all that
 * the outputs of later tokens may depend on; "Transformers are RNNs" (Katharopoulos et al. 2020, arXiv 2006.16236, section
 * 3.4) is the case where its size does not depend on t.
 */
export interface DecodeKernel {
  /** `true`, or why it cannot. The task is causal; its length is the capacity, at which the pattern is bound. */
  supports(task: Task): true | string;
  /** Compiles what each step reads, and allocates the state for `task.shape.length` tokens. Timed apart, as prepare time. */
  prepare(task: Task): Stepper;
}

/** The numbers of one token in every head: q, k and v go in, out comes out. Each `[batch, heads, headDim]`. */
export interface Token {
  readonly q: Float32Array;
  readonly k: Float32Array;
  readonly v: Float32Array;
  readonly out: Float32Array;
}

/** A layer in the midst of a sequence. */
export interface Stepper {
  /** Tokens taken in so far. */
  readonly position: number;
  /** The most tokens that it takes in. */
  readonly capacity: number;
  /**
   * Bytes of state at this position, a whole number: what is kept of the tokens taken in, and no more. Of keys and values
   * those that the last query taken in or a later one attends; what is allocated may be more.
   */
  readonly stateBytes: number;
  /** Bytes of state that the next step reads and writes, caches not considered; 0 where there is none. */
  readonly stepBytes: number;
  /** Bytes allocated beside the state: what was compiled, scratch; null where the kernel does not count. */
  readonly workspaceBytes: number | null;
  /** Why it keeps or reads fewer bytes than keys and values of 4-byte floats take; left out where it does not. */
  readonly whyFewer?: string;
  /** Forgets all tokens. The next one is the first. */
  reset(): void;
  /**
   * Takes in tokens `position … position + count - 1` of `inputs`, `[batch, heads, length, headDim]`, without their outputs.
   * Their length may be any that holds those; what stands behind them is no part of the sequence yet. Refuses, with a
   * RangeError that names both numbers, what is past the capacity or past the inputs.
   */
  prefill(inputs: AttentionInputs, count: number): void;
  /**
   * Takes in the token at `position` and computes its output. Allocates nothing on the JavaScript heap. Refuses a step past
   * the capacity with a RangeError.
   */
  step(token: Token): void;
  dispose(): void;
}
