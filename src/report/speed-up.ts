import type { CaseRow } from "../record/case-row.ts";
import { blockRatio } from "../stats/block-ratio.ts";
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
 * none. Of shards that were merged it is the ratio within those that measured both: null if none did.
 */
export function timesAsFast(baseline: CaseRow, row: CaseRow): SpeedUp | null {
  if (!isTimed(row)) return null;
  // One that failed in another shard was verified in those that have its time.
  if (row !== baseline && row.shards !== undefined && baseline.shards !== undefined)
    return blockRatio(baseline.shards, row.shards);
  if (!isTimed(baseline)) return null;
  if (row === baseline) return { ratio: 1, low: null, high: null };
  const ratio = quotient(baseline.median_s, row.median_s);
  if (ratio === null) return null;
  return { ratio, low: quotient(baseline.low_s, row.high_s), high: quotient(baseline.high_s, row.low_s) };
}

/**
 * The same of two of which neither is the baseline, which different shards may have measured: the ratio is then that of their
 * times, between which a machine may have changed its pace.
 */
export function timesAsFastAnywhere(reference: CaseRow, row: CaseRow): SpeedUp | null {
  const within = timesAsFast(reference, row);
  if (within !== null || reference.shards === undefined) return within;
  const bare = ({ shards: _, ...one }: CaseRow): CaseRow => one;
  return timesAsFast(bare(reference), bare(row));
}

/** The case with the times of a call that must first be prepared. */
function firstCall(row: CaseRow): CaseRow | null {
  const { prepare_s, median_s, low_s, high_s } = row;
  if (prepare_s === null) return null;
  const added = (seconds: number | null) => (seconds === null ? null : prepare_s + seconds);
  const shards = row.shards?.flatMap((one) => {
    if (one.prepare_s === null) return [];
    const after = (seconds: number | null) => (seconds === null ? null : seconds + (one.prepare_s ?? 0));
    const [low, high] = [after(one.low_s), after(one.high_s)];
    return [{ ...one, median_s: one.median_s + one.prepare_s, low_s: low, high_s: high }];
  });
  return {
    ...row,
    median_s: added(median_s),
    low_s: added(low_s),
    high_s: added(high_s),
    ...(shards !== undefined && { shards }),
  };
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
