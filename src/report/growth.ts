import type { CaseRow, Results } from "../record/case-row.ts";
import { leastSquares } from "../stats/least-squares.ts";
import { logLogSlope, type Slope } from "../stats/log-log-slope.ts";
import { type MediansByCase, roundMedians } from "../stats/round-medians.ts";
import { roundSlope } from "../stats/round-slope.ts";
import { power, twoDecimals } from "./power.ts";
import { lengthsOf, type Series, seriesOf } from "./series.ts";
import { sharedRounds } from "./shared-rounds.ts";
import { isTimed, type TimedRow } from "./speed-up.ts";

/**
 * How a series grows with length: exponents fitted on time and on exact work, null with fewer than four
 * lengths.
 */
export interface Growth {
  readonly series: Series;
  readonly time: Slope | null;
  readonly work: Slope | null;
  /** Null if `time` is. */
  readonly upper: UpperHalf | null;
  readonly declared: number;
}

/**
 * Growth over the longest half of the measured lengths, at least three: where a term hidden at first shows.
 */
export interface UpperHalf {
  readonly from: number;
  readonly to: number;
  /** The mean exponent between these lengths; its ends are null with fewer than six rounds shared by all. */
  readonly time: Exponent;
  /** The same for executed work, which has no noise; null if it was not counted. */
  readonly work: number | null;
  /** The exponent between the last two lengths. */
  readonly end: { readonly from: number; readonly to: number; readonly slope: number };
}

/** A fitted exponent; its ends are null if it has no interval. */
export interface Exponent {
  readonly slope: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** Fits the series' medians of time and its useful FLOPs over its measured lengths. */
export function growthOf(series: Series): Growth {
  return growthOverRounds(series, new Map());
}

/** The same with the interval of the upper half, which needs the rounds. */
export function growthOverRounds(series: Series, times: MediansByCase = new Map()): Growth {
  const timed = series.rows.filter(isTimed);
  const time = slopeOver(timed, (row) => row.median_s);
  return {
    series,
    time,
    work: slopeOver(series.rows.filter(hasWork), (row) => row.useful_flops),
    upper: time === null ? null : upperHalf(timed, times),
    declared: series.exponent,
  };
}

function slopeOver<R extends CaseRow>(rows: readonly R[], value: (row: R) => number): Slope | null {
  return logLogSlope(
    rows.map((row) => row.length),
    rows.map(value),
  );
}

function upperHalf(timed: readonly TimedRow[], times: MediansByCase): UpperHalf {
  const rows = timed.slice(-Math.max(3, Math.ceil(timed.length / 2)));
  const [last, next] = [rows[rows.length - 1], rows[rows.length - 2]];
  const lengths = rows.map((row) => row.length);
  const overRounds = roundSlope(lengths, sharedRounds(rows, times));
  const executed = rows.map((row) => row.executed_flops ?? 0);
  return {
    from: lengths[0],
    to: last.length,
    time: overRounds ?? { slope: exponent(rows, (row) => row.median_s), low: null, high: null },
    work: executed.every((flops) => flops > 0) ? exponent(rows, (row) => row.executed_flops ?? 0) : null,
    end: { from: next.length, to: last.length, slope: exponent([next, last], (row) => row.median_s) },
  };
}

function exponent<R extends CaseRow>(rows: readonly R[], value: (row: R) => number): number {
  return leastSquares(
    rows.map((row) => Math.log(row.length)),
    rows.map((row) => Math.log(value(row))),
  ).slope;
}

/** A case whose work was counted. */
type WorkedRow = CaseRow & { readonly useful_flops: number };

/** Whether the work of the case was counted. */
export function hasWork(row: CaseRow): row is WorkedRow {
  return row.outcome === "measured" && row.useful_flops !== null && row.useful_flops > 0;
}

/**
 * Whether time grows clearly faster than declared at the long end: the upper half's interval is this far
 * above the declared exponent. Lengths that are off a law by 3 % each, and that is much, reach a third of it;
 * a quadratic part that is half of the time at the longest length brings 0.34 (N + N² at a quarter, a half
 * and all of where they meet).
 */
export function isHiddenQuadratic({ upper, declared }: Growth): boolean {
  // Growth that has fallen to the declared exponent was a transition, such as a window that covers the
  // shorter lengths.
  if (upper === null || upper.end.slope <= declared + CLEARLY) return false;
  const { slope, low } = upper.time;
  // A bare number must differ more than one with an interval.
  return low === null ? slope > declared + 2 * CLEARLY : low > declared + CLEARLY;
}

const CLEARLY = 0.15;

/**
 * One line per series: `local grows as N^1.02 ± 0.03, declared 1`, and what the upper half and exact work
 * say.
 */
export function growthLines({ rows, rounds }: Pick<Results, "rows" | "rounds">): readonly string[] {
  const series = seriesOf(rows);
  if (lengthsOf(series).length < 4) return [];
  const times = roundMedians(rounds);
  return series.flatMap((one) => {
    const growth = growthOverRounds(one, times);
    const { time, work, upper, declared } = growth;
    if (time === null || upper === null) return [];
    const over = `${exponentText(upper.time)} over the upper half`;
    const inWork = work === null ? "" : `, ${power(work.slope)} in exact work`;
    const flag = isHiddenQuadratic(growth) ? "; a hidden quadratic?" : "";
    return [`${one.label} grows as ${exponentText(time)}, declared ${declared} (${over}${inWork})${flag}`];
  });
}

/** `N^1.02 ± 0.03`; `N^1.02` if there is no interval. Positions have a letter of their own. */
export function exponentText(exponent: Exponent, letter = "N"): string {
  return `${letter}^${exponentNumber(exponent)}`;
}

/** `1.02 ± 0.03`: half the width of the interval, rounded up; `1.02` if there is none. */
export function exponentNumber({ slope, low, high }: Exponent): string {
  if (low === null || high === null) return twoDecimals(slope);
  return `${twoDecimals(slope)} ± ${(Math.ceil(50 * (high - low) - 1e-6) / 100).toFixed(2)}`;
}

/** A series' label with its fitted exponent beside the declared: `local — N^1.02, declared 1`. */
export function withPower({ label, exponent }: Series, slope: Slope | null): string {
  return slope === null
    ? `${label} — declared ${exponent}`
    : `${label} — ${power(slope.slope)}, declared ${exponent}`;
}
