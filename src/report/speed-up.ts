import type { CaseRow } from "../record/case-row.ts";
import { quotient } from "../stats/quotient.ts";
import type { Measured } from "./ranking/entry.ts";
import { rowAt, type Series } from "./series.ts";

/** How many times faster a case is than the baseline. */
export interface SpeedUp {
  readonly ratio: number;
  /** Ends of an interval; null if either time has none. */
  readonly low: number | null;
  readonly high: number | null;
}

/**
 * The speed-up of a series over its baseline at one length; null if either was not measured. Its interval
 * divides the ends of the two intervals of time crosswise, which covers the true ratio at least as often as
 * both cover their own: it is conservative.
 */
export function speedUp(series: Series, length: number): SpeedUp | null {
  const row = rowAt(series, length);
  const baseline = rowAt(series.baseline, length);
  return row === undefined || baseline === undefined ? null : timesAsFast(baseline, row);
}

/**
 * The same with the time to prepare the call added to both times; null if either is unknown. It was measured
 * once, so the interval reflects only the spread of calls.
 */
export function speedUpWithPrepare(series: Series, length: number): SpeedUp | null {
  const row = rowAt(series, length);
  const baseline = rowAt(series.baseline, length);
  if (row === undefined || baseline === undefined) return null;
  const [first, second] = [firstCall(baseline), firstCall(row)];
  if (first === null || second === null) return null;
  return row === baseline ? timesAsFast(row, row) : timesAsFast(first, second);
}

/**
 * The time of `baseline` over that of `row`, with an interval from the ends of theirs; null if either has
 * none.
 */
export function timesAsFast(baseline: CaseRow, row: CaseRow): SpeedUp | null {
  if (!isTimed(row) || !isTimed(baseline)) return null;
  if (row === baseline) return { ratio: 1, low: null, high: null };
  const ratio = quotient(baseline.median_s, row.median_s);
  if (ratio === null) return null;
  return { ratio, low: quotient(baseline.low_s, row.high_s), high: quotient(baseline.high_s, row.low_s) };
}

/** The case with the times of a call that must first be prepared. */
function firstCall(row: CaseRow): CaseRow | null {
  const { prepare_s, median_s, low_s, high_s } = row;
  if (prepare_s === null) return null;
  const added = (seconds: number | null) => (seconds === null ? null : prepare_s + seconds);
  return { ...row, median_s: added(median_s), low_s: added(low_s), high_s: added(high_s) };
}

/** A case with a time that can be drawn on a logarithmic scale and divided by. */
export type TimedRow = CaseRow & { readonly median_s: number };

/** Its seconds: median, and the ends of its 95 % interval. */
export function timeOf({ median_s, low_s, high_s }: TimedRow): Measured {
  return { value: median_s, low: low_s, high: high_s };
}

/** Whether the case was measured. A time of zero, which no sufficiently fine clock gives, counts as none. */
export function isTimed(row: CaseRow): row is TimedRow {
  const { outcome, median_s } = row;
  return outcome === "measured" && median_s !== null && median_s > 0 && median_s < Number.POSITIVE_INFINITY;
}
