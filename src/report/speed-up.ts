import type { CaseRow } from "../record/case-row.ts";
import { quotient } from "../stats/quotient.ts";
import { rowAt, type Series } from "./series.ts";

/** How many times faster a case is than the baseline. */
export interface SpeedUp {
  readonly ratio: number;
  /** Ends of an interval; null where either time has none. */
  readonly low: number | null;
  readonly high: number | null;
}

/**
 * The speed-up of a series over its baseline at one length; null where either was not measured. Its interval divides
 * the ends of the two intervals of time crosswise, which covers the true ratio at least as often as both cover their
 * own: it is conservative.
 */
export function speedUp(series: Series, length: number): SpeedUp | null {
  const row = rowAt(series, length);
  const baseline = rowAt(series.baseline, length);
  if (row === undefined || baseline === undefined) return null;
  if (!isTimed(row) || !isTimed(baseline)) return null;
  if (row === baseline) return { ratio: 1, low: null, high: null };
  const ratio = quotient(baseline.median_s, row.median_s);
  if (ratio === null) return null;
  return { ratio, low: quotient(baseline.low_s, row.high_s), high: quotient(baseline.high_s, row.low_s) };
}

/** A case with a time that can be drawn on a logarithmic scale and divided by. */
export type TimedRow = CaseRow & { readonly median_s: number };

/** Whether the case was measured. A time of zero, which no clock with a fine enough step gives, counts as none. */
export function isTimed(row: CaseRow): row is TimedRow {
  const { outcome, median_s } = row;
  return outcome === "measured" && median_s !== null && median_s > 0 && median_s < Number.POSITIVE_INFINITY;
}
