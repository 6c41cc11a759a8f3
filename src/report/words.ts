import { BASELINE, variantInMode } from "../record/schema/baseline.ts";
import type { Series } from "./series.ts";

/** What a report calls things, by what one call of its cases is. */
export interface Words {
  /** The variant that others are held against. */
  readonly baseline: string;
  /** A case's `length`. */
  readonly length: string;
  /** What a list of the fastest, and one of who is faster than the baseline, begin with. */
  readonly fastest: string;
  readonly faster: string;
  readonly atEvery: string;
  readonly notAtLast: string;
  readonly from: string;
  /** Heads of tables. */
  readonly fastestAt: string;
  readonly times: string;
  readonly timesByLength: string;
  /** How the cells of the table of times are to be read. */
  readonly timesNote: string;
}

const forwardWords: Words = {
  baseline: BASELINE,
  length: "length",
  fastest: "Fastest",
  faster: `Faster than ${BASELINE}`,
  atEvery: "at every length measured",
  notAtLast: "not at the longest length measured",
  from: "from about",
  fastestAt: "The fastest at each length",
  times: "Time of one call",
  timesByLength: "Time by length",
  timesNote: "Median of one call ± half its 95 % interval; below it the speed-up.",
};

const cached = variantInMode(BASELINE, { mode: "decode", variant: BASELINE });

const stepWords: Words = {
  baseline: cached,
  length: "position",
  fastest: "Fastest per token, by position",
  faster: `Faster per token than ${cached} (softmax with a key-value cache)`,
  atEvery: "at every position measured",
  notAtLast: "not at the last position measured",
  from: "from position",
  fastestAt: "The fastest at each position",
  times: "Time per token, by position",
  timesByLength: "Time per token, by position",
  timesNote: `Median of one token ± half its 95 % interval; below it the speed-up over ${cached}, softmax with a key-value cache. “Recomputed” is a forward pass over all tokens so far for each new one.`,
};

/** The words for series of one part of a report: forward passes or steps. */
export function wordsFor(series: readonly Series[]): Words {
  return areSteps(series) ? stepWords : forwardWords;
}

/** Whether the series of one part of a report are steps. */
export function areSteps(series: readonly Series[]): boolean {
  return series.some(({ mode }) => mode !== "forward");
}
