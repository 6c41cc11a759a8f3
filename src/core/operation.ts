import type { KeyMask } from "./call-settings.ts";
import { stepWindow } from "./step-window.ts";
import { fullPairs, fullRowPairs } from "./work.ts";

/** What one call of a case can be. */
export const OPERATION_IDS = ["forward", "decode", "recompute", "backward", "train"] as const;

export type OperationId = (typeof OPERATION_IDS)[number];

/**
 * What one call computes: all rows of a sequence, their gradients, both, or the row of one token; what a report is
 * mainly about comes first. Times of two units are never compared.
 */
export const UNITS = ["training", "gradients", "pass", "step"] as const;

export type Unit = (typeof UNITS)[number];

/**
 * `backward`: the gradients, of what a forward pass has saved outside its time. `train`: the output and the gradients in one
 * call, both timed.
 */
export const GRADIENT_PASSES = ["backward", "train"] as const;

export type GradientPass = (typeof GRADIENT_PASSES)[number];

/**
 * Passes whose output, and gradients if any, are computed in the time of a call, with nothing left from before it: what is asked of
 * programs, in which no more could be proven.
 */
export const WHOLE_PASSES = ["forward", "train"] as const satisfies readonly OperationId[];

export type WholePass = (typeof WHOLE_PASSES)[number];

/** The one that gives the output alone, and the one that gives the gradients as well. */
export const [OUTPUT_PASS, TRAINING_PASS] = WHOLE_PASSES;

/** An operation: everything about it, so that no code has to ask which one it is. */
export interface Operation {
  readonly id: OperationId;
  readonly unit: Unit;
  /** Whether calls find what earlier ones left, and add to it. */
  readonly keepsState: boolean;
  /** Whether it is causal even if not asked to be. */
  readonly alwaysCausal: boolean;
  /** Whether only the baseline is measured in this way, for others to be compared with. */
  readonly ofBaselineAlone: boolean;
  /** In which other way the baseline is also measured if this is asked for; null if in none. */
  readonly baselineToo: OperationId | null;
  /** In which other way every variant is also measured if this is asked for; null if in none. */
  readonly everyToo: OperationId | null;
  /** The pass that computes gradients; null if it computes none. */
  readonly pass: GradientPass | null;
  /** Whether it computes the output, gradients or not. */
  readonly makesOutput: boolean;
  /** Tokens that a case of this length takes in. */
  readonly tokens: (length: number) => number;
  /** Tokens whose outputs are verified. */
  readonly outputs: (length: number) => number;
  /** Tokens that a kernel must have room for, at which the pattern is bound. */
  readonly capacity: (length: number) => number;
  /**
   * Query-key pairs of one head of full attention in one call; `queries` are as many as keys if omitted.
   */
  readonly fullPairs: (length: number, causal: boolean, mask?: KeyMask, queries?: number) => number;
  /** The exponent of length for one call, if that of a whole pass is `exponent`. */
  readonly exponentOf: (exponent: number) => number;
  /** A variant's name including the operation, if that is not shown otherwise. */
  readonly named: (variant: string, isBaseline: boolean) => string;
  /** The same for its title. */
  readonly titled: (title: string) => string;
}

const asItIs = <Value>(value: Value): Value => value;

/** A pass over a whole sequence. */
const forward: Operation = {
  id: "forward",
  unit: "pass",
  keepsState: false,
  alwaysCausal: false,
  ofBaselineAlone: false,
  baselineToo: null,
  everyToo: null,
  pass: null,
  makesOutput: true,
  tokens: asItIs,
  outputs: asItIs,
  capacity: asItIs,
  fullPairs: (length, causal, mask, queries = length) => fullPairs({ length, queries }, causal, mask),
  exponentOf: asItIs,
  named: asItIs,
  titled: asItIs,
};

/** One token, when `position` of them are in the state already. */
const decode: Operation = {
  id: "decode",
  unit: "step",
  keepsState: true,
  alwaysCausal: true,
  ofBaselineAlone: false,
  baselineToo: "recompute",
  everyToo: null,
  pass: null,
  makesOutput: true,
  tokens: (position) => stepWindow(position).tokens,
  outputs: (position) => stepWindow(position).steps,
  capacity: (position) => stepWindow(position).capacity,
  fullPairs: (position, causal, mask) => fullRowPairs(position, position + 1, causal, mask),
  // One step is one row: one power less than all of them.
  exponentOf: (exponent) => Math.max(0, exponent - 1),
  named: (variant, isBaseline) => (isBaseline ? `${variant}, cached` : variant),
  titled: asItIs,
};

/** The same output by a pass over all tokens so far, as is done without a state: the papers' baseline. */
const recompute: Operation = {
  id: "recompute",
  unit: "step",
  keepsState: false,
  alwaysCausal: true,
  ofBaselineAlone: true,
  baselineToo: null,
  everyToo: null,
  pass: null,
  makesOutput: true,
  tokens: (position) => position + 1,
  outputs: (position) => position + 1,
  capacity: (position) => position + 1,
  fullPairs: (position, causal, mask) =>
    fullPairs({ length: position + 1, queries: position + 1 }, causal, mask),
  exponentOf: asItIs,
  named: (variant) => `${variant}, recomputed`,
  titled: (title) => `${title}, recomputing all tokens for each`,
};

/** The gradients alone: what they need of the forward pass is there, as in a step of training after its first half. */
const backward: Operation = {
  ...forward,
  id: "backward",
  unit: "gradients",
  pass: "backward",
  makesOutput: false,
  named: (variant) => `${variant}, backward`,
  titled: (title) => `${title}, its gradients`,
};

/** The output and the gradients, as in a step of training; the output alone is measured beside it. */
const train: Operation = {
  ...forward,
  id: "train",
  unit: "training",
  pass: "train",
  everyToo: "forward",
  named: (variant) => `${variant}, forward and backward`,
  titled: (title) => `${title}, with its gradients`,
};

/** The operations. A new one is a record here, and the compiler asks for it. */
export const OPERATIONS: Readonly<Record<OperationId, Operation>> = {
  forward,
  decode,
  recompute,
  backward,
  train,
};

/** What can be asked for by name: the others are measured in addition. */
export type ChosenOperation = Exclude<OperationId, "recompute">;

/** What a case is by default. */
export const USUAL_OPERATION = forward.id;
