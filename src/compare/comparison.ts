import type { CaseIdentity } from "../record/schema/result-lines.ts";

/**
 * What is said of one measure of a cell's time, its median or its mean. `same` means: a change is ruled out.
 */
export type TimeVerdict = "slower" | "faster" | "same" | "unresolved";

/**
 * What is said of the time of one cell. `slower` and `faster` hold of its median or of its mean, `same` of
 * both, and `same-median` where nothing is known of the mean, so that costs on few calls are not ruled out.
 */
export type Verdict = TimeVerdict | "same-median";

/** A ratio of times, head over base, with the ends of its interval; null if it has none. */
export interface TimeRatio {
  readonly ratio: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** What is said of the mean of a cell's calls: what users pay, rare costs and all. */
export interface ComparedMean {
  /** Seconds per call. */
  readonly base_s: number;
  readonly head_s: number;
  readonly time: TimeRatio;
  readonly verdict: TimeVerdict;
  /** As of the median. */
  readonly detectable: number | null;
  /** Costs count that fall on one call in so many, or more often: rarer ones need not have been met. */
  readonly calls: number;
  /** Why nothing is known of it; null if something is, or where there is nothing to be said. */
  readonly note: string | null;
}

/** One cell, a variant by a kernel at a shape, that both sides have measured. */
export interface ComparedCell extends CaseIdentity {
  /** Seconds per call, median. */
  readonly base_s: number;
  readonly head_s: number;
  /**
   * The middle of what was seen of medians, to be shown as a change only where `medianVerdict` is `slower` or
   * `faster`.
   */
  readonly time: TimeRatio;
  /** How many numbers a side the ratio rests on: rounds, or blocks. */
  readonly count: number;
  readonly verdict: Verdict;
  /** What the medians alone say. */
  readonly medianVerdict: TimeVerdict;
  /** Null if the times that it rests on hold none. */
  readonly mean: ComparedMean | null;
  /**
   * The smallest slow-down of the median that would have been seen 9 times in 10, as a share such as 0.04;
   * null if unknown.
   */
  readonly detectable: number | null;
  /**
   * Why the verdict is not what the ratio alone suggests, such as too much noise to gate; null if nothing is
   * to be said.
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

/** A cell that one side alone has measured. */
export interface OneSided {
  readonly case: string;
  /** The side that has it. */
  readonly side: "base" | "head";
  /** Why the other has not: not in its file, skipped, failed and why. */
  readonly reason: string;
  /** Whether the other side was tried and found wrong: a regression, where base is the side that has it. */
  readonly broken: boolean;
}

/** The cells that share something, such as a variant. */
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
}

/** Something of the environment that the sides do not share. */
export interface Difference {
  /** A field of the environment. */
  readonly field: string;
  readonly base: string;
  readonly head: string;
}

/**
 * Head compared with base. Every output of `compare` and `gate` is made of this alone, and `--json` prints
 * it. All strings may come from a stranger's file. Ratios are of time, head over base; shares such as
 * `margin` are fractions.
 */
export interface Comparison {
  readonly kind: "compare" | "gate";
  readonly base: Side;
  readonly head: Side;
  /** Whether to pass (exit code 0), to fail (4), or that nothing can be said (3). */
  readonly outcome: "fine" | "regressed" | "inconclusive";
  /** What fails it where it is found. */
  readonly failsOn: readonly ("slower" | "work" | "missing")[];
  /** The outcome in one sentence. */
  readonly headline: string;
  /** What led to the outcome, a sentence each, the weightiest first. */
  readonly reasons: readonly string[];
  /** In the order of base's plan. */
  readonly cells: readonly ComparedCell[];
  /** Of all cells. Null if there are none. */
  readonly geometricMean: TimeRatio | null;
  /** Empty if no grouping was asked for. */
  readonly groups: readonly ComparedGroup[];
  readonly work: readonly WorkChange[];
  readonly oneSided: readonly OneSided[];
  readonly differences: readonly Difference[];
  /** What to know before believing it, a sentence each, such as that two files are weak evidence. */
  readonly remarks: readonly string[];
  /** A change that is smaller is never called one: the chart's band. A share such as 0.03. */
  readonly margin: number;
}
