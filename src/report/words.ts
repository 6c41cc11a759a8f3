import { OPERATIONS, type Unit } from "../core/operation.ts";
import { BASELINE } from "../record/schema/baseline.ts";
import { FULL } from "./against.ts";
import { UNIT_WORDS } from "./ranking/unit-words.ts";
import { baselineOf, type Series } from "./series.ts";
import { unitOf } from "./units.ts";

/** What a report calls things, by the unit that one call of its cases produces. */
export interface Words {
  /** What one call produces. */
  readonly made: string;
  /** What one call is. */
  readonly call: string;
  /** What a chart's axis of times is titled. */
  readonly time: string;
  /** The variant that others are compared with, and the same in a sentence about attention. */
  readonly baseline: string;
  readonly attention: string;
  /** What being faster than it is called. */
  readonly fasterThan: string;
  /** A case's `length`; the same in full, as axes and titles have it; and its letter in powers of it. */
  readonly length: string;
  readonly fullLength: string;
  readonly letter: string;
  /** How a list of the fastest, and one of those faster than the baseline, begin. */
  readonly fastest: string;
  readonly faster: string;
  /** What separates the entries of the first. */
  readonly between: string;
  readonly atEvery: string;
  readonly notAtLast: string;
  readonly from: string;
  /** Heads of tables. */
  readonly fastestAt: string;
  readonly times: string;
  readonly timesByLength: string;
  /** The heading of the table that ends a run; empty if it goes without saying. */
  readonly summaryTitle: string;
  /** How the cells of the table of times are to be read. */
  readonly timesNote: string;
  /** What a case is, and what is known about it. */
  readonly casesNote: string;
  /** Heads the block of limits at a length as text. */
  readonly limitsAt: (length: string) => string;
  /** For captions: where a series ends, and what is larger than others. */
  readonly atTheEnd: string;
  readonly larger: string;
  /** Warnings: some calls are too short for the clock; cases that others have are missing. */
  readonly tooShort: string;
  readonly missing: string;
}

const GATE_NOTE =
  "Verification compares with a float64 reference: a case whose error exceeds its budget has failed and gets no time. The " +
  "fidelity error is the relative distance to full attention on the same input. A variant that approximates something else " +
  "has its distance to that below a dash, and one that approximates nothing of the kind has none; “mean of v” is that of the mean of v over the same keys, which " +
  "looks at neither q nor k: a variant whose error is larger is worse than that.";

/**
 * The words of each unit in a report that compares with the variant of this name, which is safe to print. Softmax with a
 * key-value cache is what tokens are compared with, unless a plan names another.
 */
export function wordsOver(baseline: string): Readonly<Record<Unit, Words>> {
  const pass = passWords(baseline);
  const step =
    baseline === BASELINE
      ? stepWords(OPERATIONS.decode.named(BASELINE, true), "softmax with a key-value cache")
      : stepWords(baseline, null);
  return { training: trainingWords(pass), gradients: gradientWords(pass), pass, step };
}

/** The words of each unit, of what is compared with full attention. */
export const WORDS = wordsOver(BASELINE);

function passWords(baseline: string): Words {
  return {
    made: "a sequence",
    call: "call",
    time: "time of one call",
    baseline,
    attention: baseline === BASELINE ? FULL : baseline,
    fasterThan: `${UNIT_WORDS.pass.faster} ${baseline}`,
    length: "length",
    fullLength: "sequence length",
    letter: "N",
    fastest: "Fastest",
    faster: `Faster than ${baseline}`,
    between: ", ",
    atEvery: "at every length measured",
    notAtLast: "not at the longest length measured",
    from: "from about",
    fastestAt: "The fastest at each length",
    times: "Time of one call",
    timesByLength: "Time by length",
    summaryTitle: "",
    timesNote: "Median of one call ± half its 95 % interval; below it the speed-up.",
    casesNote:
      `${GATE_NOTE} The ceiling is the best rate that the machine reached on as many threads, or the device of a kernel in products of tiles; the ideal speed-up is the ` +
      `useful work of ${baseline} over that of the case, and the last share is how much of it was achieved.`,
    limitsAt: (length) => `limits at ${length}: ceiling of the machine, ideal speed-up over ${baseline}`,
    atTheEnd: "at the longest length of each series",
    larger: "longer sequences",
    tooShort: "the clock is too coarse for such short calls: measure longer sequences or more heads",
    missing:
      "has no case where others have one: exclude that length from comparisons, or run all variants at the same lengths",
  };
}

/** Of passes, the gradients alone. */
function gradientWords(pass: Words): Words {
  const { baseline, casesNote } = pass;
  return {
    ...pass,
    made: "a sequence's gradients",
    call: "backward pass",
    time: "time of one backward pass",
    fasterThan: `${UNIT_WORDS.gradients.faster} ${baseline}`,
    fastest: "Fastest backward",
    faster: `Backward faster than ${baseline}`,
    fastestAt: "The fastest backward pass at each length",
    times: "Time of one backward pass",
    timesByLength: "Time of a backward pass by length",
    summaryTitle: "Backward pass",
    timesNote: "Median of one backward pass ± half its 95 % interval; below it the speed-up.",
    casesNote: `A case is one backward pass; what it needs of the forward pass was saved before, outside its time. ${casesNote}`,
    limitsAt: (length) =>
      `limits of the backward pass at ${length}: ceiling of the machine, ideal speed-up over ${baseline} by the work of gradients`,
  };
}

/** The same with the forward pass in the same call. */
function trainingWords(pass: Words): Words {
  const { baseline, casesNote } = pass;
  return {
    ...pass,
    made: "a sequence with its gradients",
    call: "forward and backward pass",
    time: "time of forward and backward",
    fasterThan: `${UNIT_WORDS.training.faster} ${baseline}`,
    fastest: "Fastest in training",
    faster: `Faster than ${baseline} in training`,
    fastestAt: "The fastest in training at each length",
    times: "Time of forward and backward",
    timesByLength: "Time of forward and backward by length",
    summaryTitle: "Training: forward and backward",
    timesNote: "Median of one forward and backward pass ± half its 95 % interval; below it the speed-up.",
    casesNote: `A case is a forward and a backward pass in one call. ${casesNote}`,
    limitsAt: (length) =>
      `limits in training at ${length}: ceiling of the machine, ideal speed-up over ${baseline} by the work of both passes`,
  };
}

/** Of steps; `what` says what the baseline is, if its name does not. */
function stepWords(baseline: string, what: string | null): Words {
  return {
    made: "a token",
    call: "token",
    time: "time per token",
    baseline,
    attention: what ?? baseline,
    fasterThan: `${UNIT_WORDS.step.faster} ${baseline}`,
    length: "position",
    fullLength: "position",
    letter: "P",
    fastest: "Fastest per token, by position",
    faster: `Faster per token than ${baseline}${what === null ? "" : ` (${what})`}`,
    between: "; ",
    atEvery: "at every position measured",
    notAtLast: "not at the last position measured",
    from: "from position",
    fastestAt: "The fastest at each position",
    times: "Time per token, by position",
    timesByLength: "Time per token, by position",
    summaryTitle: "Time per token, by position",
    timesNote: `Median of one token ± half its 95 % interval; below it the speed-up over ${baseline}${what === null ? "" : `, ${what}`}. “Recomputed” is a forward pass over all tokens so far for each new one.`,
    casesNote:
      "A case is one token at a position, which counts the tokens already in the state; these are taken in within the prefill time. " +
      `${GATE_NOTE} The share of bandwidth is of what one thread reads in a second from the smallest working set that ` +
      "holds what the timed steps touch between them.",
    limitsAt: (position) => `at position ${position}: what is kept, and what a token reads`,
    atTheEnd: "at the last position of each series",
    larger: "later positions",
    tooShort: "the clock is too coarse for such short steps: measure more heads",
    missing:
      "has no case where others have one: exclude that position from comparisons, or step all variants at the same positions",
  };
}

/** The words for series of one part of a report. */
export function wordsFor(series: readonly Series[]): Words {
  return wordsOver(baselineOf(series))[unitOfAll(series)];
}

/** What the series of one part of a report produce; passes if there are none. */
export function unitOfAll([first]: readonly Series[]): Unit {
  return first === undefined ? "pass" : unitOf(first.rows[0]);
}
