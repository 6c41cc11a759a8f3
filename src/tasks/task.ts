import type { Parameters, ValuesOf } from "../core/parameters.ts";
import type { RandomStream } from "../core/random.ts";

/**
 * Something to be learned, exactly defined: examples are drawn from a seeded stream, and each knows its answers.
 * `docs/tasks.md` says the same in prose, with what each does not show.
 */
export interface LearningTask {
  /** As typed, such as `mqar`. */
  readonly id: string;
  readonly title: string;
  /** What the accuracy is called beside a number, such as `recall`: never quality. */
  readonly measure: string;
  /** What is to be done, in a sentence. */
  readonly summary: string;
  /** Why it is here: what it tells apart, in a sentence. */
  readonly why: string;
  /** What it does not show, in a sentence. */
  readonly limits: string;
  /** The paper that it is from, and how it departs. */
  readonly source: string;
  readonly params: Parameters;
  /** The task with these values of its parameters. Throws a `UsageError` if they do not fit together. */
  bind(values: Readonly<Record<string, number>>): BoundTask;
}

/** A task whose sizes are known. */
export interface BoundTask {
  readonly id: string;
  /** Tokens of an example, or of its source if answers are as many as the model decides. */
  readonly length: number;
  /** Whether tokens see only those before them: an encoder is not causal. */
  readonly causal: boolean;
  readonly input: SymbolInput | VectorInput;
  readonly output: AskedOutput | SequenceOutput | DecidedOutput;
  /** The share of answers that guessing without the example gets right, at best. */
  readonly chance: number;
  /** What a part of an example gives away, from the least to the most; omitted if nothing is known to. */
  readonly shortcuts?: readonly Shortcut[];
  /** The model and the schedule by which this task is learned, unless they are set otherwise. */
  readonly usual: ModelSizes & { readonly batch: number; readonly steps: number };
  /** Draws examples; equal streams give equal examples. */
  draw(random: RandomStream, count: number): Examples;
}

/** A guess by a part of an example: what does no better than it has shown nothing of the task. */
export interface Shortcut {
  /** What is looked at, such as `the first operator`. */
  readonly by: string;
  /** That part of an example's tokens, as a text that is equal where it is. */
  read(tokens: Examples["tokens"]): string;
}

/** What every variant's model has the same of. */
export interface ModelSizes {
  readonly layers: number;
  /** Channels of a token. */
  readonly width: number;
  readonly heads: number;
  /** Tokens that the short causal convolution of q, k and v is wide; 0 for none. */
  readonly convolution: number;
  /** Whether a layer has a feed-forward part. */
  readonly feedForward: boolean;
  /** Whether tokens know where they are, by a learned vector of each position. */
  readonly positions: boolean;
}

/** Tokens are symbols from 0 to `symbols - 1`. */
export interface SymbolInput {
  readonly kind: "symbols";
  readonly symbols: number;
}

/** Tokens are vectors, such as rows of pixels. */
export interface VectorInput {
  readonly kind: "vectors";
  readonly width: number;
}

/** A label for each of some tokens: `answers` of them in each example, at its `positions`. */
export interface AskedOutput {
  readonly kind: "asked";
  readonly labels: number;
  readonly answers: number;
}

/** One label for the whole example, read from the mean over tokens. */
export interface SequenceOutput {
  readonly kind: "sequence";
  readonly labels: number;
}

/**
 * As many answers as the model decides: it emits symbols from 0 to `labels - 1`, each with those before it at hand, until it
 * emits `end`, at most `most` of them. An example is right if all of it is.
 */
export interface DecidedOutput {
  readonly kind: "decided";
  readonly labels: number;
  readonly end: number;
  readonly most: number;
}

/** Some examples of a task. */
export interface Examples {
  readonly count: number;
  /** `[count, length]` symbols, or `[count, length, width]` numbers. */
  readonly tokens: Int32Array | Float32Array;
  /**
   * `[count, answers]`: the labels, one for an example whose output is `sequence`; of `decided` `[count, most]`, the symbols up to
   * and with `end`, then -1.
   */
  readonly answers: Int32Array;
  /** `[count, answers]`: the tokens that are asked; empty unless the output is `asked`. */
  readonly positions: Int32Array;
  /**
   * `[count, answers, needed]`: the tokens that an answer depends on, from which follows whether a mask lets it be known; -1 where
   * one needs fewer. `needed` is the same for all.
   */
  readonly needs: Int32Array;
  readonly needed: number;
}

/** A task with values of its parameters, as a plan and a results file name it. */
export interface NamedTask {
  readonly task: string;
  readonly values: Readonly<Record<string, number>>;
}

/** The type of a task's values. */
export type TaskValues<P extends Parameters> = ValuesOf<P>;
