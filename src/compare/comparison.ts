import type { CaseIdentity } from "../record/schema/result-lines.ts";

/**
 * The verdict on one measure of a cell's time, its median or its mean. `same` means that a change is ruled
 * out.
 */
export type TimeVerdict = "slower" | "faster" | "same" | "unresolved";

/**
 * The verdict on the time of one cell. `slower` and `faster` apply to its median or its mean, `same` to both,
 * and `same-median` means that nothing is known about the mean, so costs on few calls are not ruled out.
 */
export type Verdict = TimeVerdict | "same-median";

/** A ratio of times, head over base, with the ends of its interval; null if it has none. */
export interface TimeRatio {
  readonly ratio: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** The verdict on the mean of a cell's calls: what users pay, including rare costs. */
export interface ComparedMean {
  /** Seconds per call. */
  readonly base_s: number;
  readonly head_s: number;
  readonly time: TimeRatio;
  readonly verdict: TimeVerdict;
  /** As for the median. */
  readonly detectable: number | null;
  /** Costs on at least one call in this many count: rarer ones may not have occurred. */
  readonly calls: number;
  /** Why nothing is known about it; null if something is, or if there is nothing to say. */
  readonly note: string | null;
}

/** One cell, a variant by a kernel at a shape, that both sides have measured. */
export interface ComparedCell extends CaseIdentity {
  /** The class of machines that measured it; omitted unless it is of a sweep's collection. */
  readonly machine?: string;
  /** Seconds per call, median. */
  readonly base_s: number;
  readonly head_s: number;
  /**
   * The middle of the observed medians, to be shown as a change only if `medianVerdict` is `slower` or
   * `faster`.
   */
  readonly time: TimeRatio;
  /** How many numbers per side the ratio is based on: rounds, or blocks. */
  readonly count: number;
  readonly verdict: Verdict;
  /** What the medians alone say. */
  readonly medianVerdict: TimeVerdict;
  /** Null if the underlying times hold none. */
  readonly mean: ComparedMean | null;
  /**
   * The smallest slow-down of the median that would have been seen 9 times in 10, as a share such as 0.04;
   * null if unknown.
   */
  readonly detectable: number | null;
  /**
   * Why the verdict is not what the ratio alone suggests, such as too much noise to gate; null if there is
   * nothing to say.
   */
  readonly note: string | null;
}

/** An exact quantity that differs, with no noise and no statistics. */
export interface WorkChange {
  readonly case: string;
  /**
   * A field of the case line: `pairs`, `useful_flops`, `executed_flops`, `bytes`, `workspace_bytes`,
   * `state_bytes`, `gate_error`.
   */
  readonly quantity: string;
  readonly base: number | null;
  readonly head: number | null;
  /** Whether the user has accepted changes of this quantity. */
  readonly accepted: boolean;
}

/** A cell that only one side has measured. */
export interface OneSided {
  readonly case: string;
  /** The side that has it. */
  readonly side: "base" | "head";
  /** Why the other does not: not in its file, skipped, failed and why. */
  readonly reason: string;
  /** Whether the other side was tried and found wrong: a regression if base is the side that has it. */
  readonly broken: boolean;
}

/** How many of a comparison are not listed, because they are too many. */
export interface Unlisted {
  /** Cells, by their verdicts. */
  readonly cells: Readonly<Record<Verdict, number>>;
  /** Changes of work, those that were accepted left out. */
  readonly work: number;
  /** Of what only one side has: cells that became wrong, and others of base. */
  readonly broken: number;
  readonly missing: number;
  /** The slow-down that half of all cells would have shown, as a share; null if unknown. */
  readonly sight: number | null;
}

/** Cells that share something, such as a variant. */
export interface ComparedGroup {
  readonly name: string;
  readonly cells: number;
  /** The geometric mean of their ratios. */
  readonly time: TimeRatio;
}

/** One side as its reader wants it named. */
export interface Side {
  /** As typed: a file, a folder, a module. */
  readonly name: string;
  readonly commit: string | null;
  /** Whether what ran differed from the commit; null if unknown. */
  readonly dirty: boolean | null;
  /** The processor it was measured on. */
  readonly cpu: string;
}

/** How much times of two sides prove about the code, whatever the noise of single cells. */
export interface Trust {
  /** `none`: they may differ for other reasons, or say nothing. */
  readonly weight: "strong" | "weak" | "none";
  /** How they were measured, or why they prove little, in a few words. */
  readonly why: string;
}

/** Something in the environment that the sides do not share. */
export interface Difference {
  /** A field of the environment. */
  readonly field: string;
  readonly base: string;
  readonly head: string;
}

/**
 * Head compared with base. Every output of `compare` and `gate` is made from this alone, and `--json` prints
 * it. All strings may come from a stranger's file. Ratios are of time, head over base; shares such as
 * `margin` are fractions.
 */
export interface Comparison {
  readonly kind: "compare" | "gate";
  readonly base: Side;
  readonly head: Side;
  /** Whether to pass (exit code 0), to fail (4), or inconclusive (3). */
  readonly outcome: "fine" | "regressed" | "inconclusive";
  /** What makes it fail if found. */
  readonly failsOn: readonly ("slower" | "work" | "missing")[];
  /** The outcome in one sentence. */
  readonly headline: string;
  /** What led to the outcome, a sentence each, the weightiest first. */
  readonly reasons: readonly string[];
  /** In the order of base's plan; if they are too many, those that changed. */
  readonly cells: readonly ComparedCell[];
  /** Omitted if all are listed. */
  readonly unlisted?: Unlisted;
  /** Over all cells. Null if there are none. */
  readonly geometricMean: TimeRatio | null;
  /** Empty if no grouping was requested. */
  readonly groups: readonly ComparedGroup[];
  readonly work: readonly WorkChange[];
  readonly oneSided: readonly OneSided[];
  readonly differences: readonly Difference[];
  readonly trust: Trust;
  /** What to know before believing it, a sentence each, such as that two files are weak evidence. */
  readonly remarks: readonly string[];
  /** A change that is smaller is never called one: the chart's band. A share such as 0.03. */
  readonly margin: number;
}
