import type { Unit } from "../../core/operation.ts";
import type { Traits } from "../../core/traits.ts";
import type { Look } from "../charts/look.ts";

// Plain data, shared by the page's script, the summary and the terminal: imports types only.

/** One series of a report as the ranking, the hero chart and the conditions see it. */
export interface Entry {
  /** In `seriesOf(results.rows)` of its file: rows of tables and data of charts refer to it by this. */
  readonly place: number;
  /** Its label among the series of its unit: safe to print, and unlike that of any other of them. */
  readonly label: string;
  readonly variant: string;
  /** What rows of charts may call it: by what they are about, its label among the series of the whole file is another. */
  readonly names: readonly string[];
  /** `Series.variantLabel`: what those call it that are about the variant. */
  readonly variantLabel: string;
  readonly kernel: string;
  /** What else tells settings apart; empty if there is one. */
  readonly setting: string;
  readonly unit: Unit;
  /** Whether its cases are causal. */
  readonly causal: boolean;
  /** Null if the reader of the file does not know the variant. */
  readonly traits: Traits | null;
  readonly look: Look;
  /** The place of its baseline, which may be its own; null if the report has none. */
  readonly baseline: number | null;
  /**
   * Whether it is faster than its baseline, null if that is unknown; from where, as text and as length: 0 at every length
   * measured, null at none or unknown.
   */
  readonly pays: {
    readonly kind: "always" | "from" | "never" | null;
    readonly text: string;
    readonly from: number | null;
  };
  /**
   * The exponent fitted on time, as text and as number, null if none was fitted; and the declared one of its work. If at
   * the longest lengths time grows clearly steeper than that, the exponent there as text, else null.
   */
  readonly growth: {
    readonly text: string;
    readonly slope: number | null;
    readonly declared: number;
    readonly steep: string | null;
  };
  /** What its errors are distances to; null if that is full attention, as mostly. */
  readonly against: string | null;
  readonly last: Last;
  /** By rising length: measured cases only. */
  readonly points: readonly Point[];
  /** By rising length: cases that have no time, and what became of them. */
  readonly gaps: readonly Gap[];
}

/** What is known besides points, each at the longest length of the series that has it; absent if none has. */
export interface Last {
  /** Shares of the machine's ceiling, of the ideal speed-up, and of its bandwidth. */
  readonly ceiling?: At;
  readonly ideal?: At;
  readonly bandwidth?: At;
  /** Relative distance to full attention, and that of the mean of v, null if unknown; whether it is larger, and whether the input is random numbers. */
  readonly error?: {
    readonly length: number;
    readonly error: number;
    readonly mean: number | null;
    readonly worse: boolean;
    readonly random: boolean;
  };
  /** The same on another input, which has a name. */
  readonly input?: { readonly name: string; readonly error: number; readonly mean: number };
  /** Times as fast as the baseline: attention alone, and its layer; and the share of projections in the baseline's. */
  readonly layer?: {
    readonly length: number;
    readonly inner: number;
    readonly whole: number;
    readonly share: number;
  };
  /** Tokens generated in a second, from nothing to this position. */
  readonly rate?: At;
}

/** A value at a length. */
interface At {
  readonly length: number;
  readonly value: number;
}

/** A case without a time. */
export interface Gap {
  readonly length: number;
  readonly outcome: "skipped" | "failed" | "unproven" | "no time";
}

/** What was measured at a length. */
export interface Point {
  readonly length: number;
  /** Seconds: median, and the ends of its 95 % interval. */
  readonly time: Measured;
  /** Times as fast as the baseline; null if that was not measured. */
  readonly gain: Measured | null;
  /** Workspace in bytes; null if unknown. */
  readonly memory: number | null;
  /** Bytes kept of the tokens before, when decoding; null if unknown. */
  readonly state: number | null;
  /** Relative distance to what it stands for; null if unknown. */
  readonly error: number | null;
  /** Bytes that a forward pass leaves for a backward pass alone; null if unknown. */
  readonly saved: number | null;
}

/** A value with the ends of its interval; null if it has none. */
export interface Measured {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** An entry at a length, measured or read off between two that were. */
export interface Ranked extends Point {
  readonly entry: Entry;
  /** Whether this length was measured. */
  readonly measured: boolean;
}

/** An entry that has no time at a length, and why in a few words. */
export interface Unranked {
  readonly entry: Entry;
  readonly why: string;
}

/** Entries at a length. */
export interface Ranking {
  readonly length: number;
  /** The fastest first. */
  readonly ranked: readonly Ranked[];
  readonly unranked: readonly Unranked[];
}
