import type { Unit } from "../../core/operation.ts";

// Runs in the page as well: imports types only.

/** What the ranking and the answers that follow from it say of a unit. */
interface UnitWords {
  /** How a sentence on the fastest begins. */
  readonly fastest: string;
  /** What stands before a length in it. */
  readonly at: string;
  /** What being faster than the baseline is called. */
  readonly faster: string;
  /** The head of the column of times. */
  readonly time: string;
  /** What lengths are. */
  readonly length: string;
}

const passWords: UnitWords = {
  fastest: "Fastest",
  at: "",
  faster: "faster than",
  time: "time",
  length: "length",
};

/** By unit; what else reports call things is in `words.ts`, which the page does without. */
export const UNIT_WORDS: Readonly<Record<Unit, UnitWords>> = {
  training: {
    ...passWords,
    fastest: "Fastest in training",
    faster: "faster in training than",
    time: "forward and backward",
  },
  gradients: {
    ...passWords,
    fastest: "Fastest backward",
    faster: "faster backward than",
    time: "time of backward",
  },
  pass: passWords,
  step: { ...passWords, at: "position ", time: "time per token", length: "position" },
};
