import type { CaseRow } from "../record/case-row.ts";
import { logLogSlope, type Slope } from "../stats/log-log-slope.ts";
import { lengthsOf, type Series, seriesOf } from "./series.ts";
import { isTimed } from "./speed-up.ts";

/** How a series grows with length: exponents fitted on time and on exact work, null from fewer than four lengths. */
interface Growth {
  readonly series: Series;
  readonly time: Slope | null;
  readonly work: Slope | null;
  readonly declared: number;
}

/** Fits the series' medians of time and its useful FLOPs over its measured lengths. */
export function growthOf(series: Series): Growth {
  const timed = series.rows.filter(isTimed);
  const worked = series.rows.filter(hasWork);
  return {
    series,
    time: slopeOver(timed, (row) => row.median_s),
    work: slopeOver(worked, (row) => row.useful_flops),
    declared: series.exponent,
  };
}

function slopeOver<R extends CaseRow>(rows: readonly R[], value: (row: R) => number): Slope | null {
  return logLogSlope(
    rows.map((row) => row.length),
    rows.map(value),
  );
}

/** A case whose work was counted. */
type WorkedRow = CaseRow & { readonly useful_flops: number };

/** Whether the work of the case was counted. */
export function hasWork(row: CaseRow): row is WorkedRow {
  return row.outcome === "measured" && row.useful_flops !== null && row.useful_flops > 0;
}

/** One line a series: `local grows as N^1.02 ± 0.03 in time, N^1.00 in work; declared N^1`. */
export function growthLines(rows: readonly CaseRow[]): readonly string[] {
  const series = seriesOf(rows);
  if (lengthsOf(series).length < 4) return [];
  return series.map(growthOf).flatMap(({ series: { label }, time, work, declared }) => {
    if (time === null) return [];
    const inWork = work === null ? "" : `, ${power(work.slope)} in work`;
    return [`${label} grows as ${slopeText(time)} in time${inWork}; declared N^${declared}`];
  });
}

/** `N^1.02`. */
export function power(slope: number): string {
  return `N^${slope.toFixed(2)}`;
}

/** `N^1.02 ± 0.03`: the interval is symmetric. */
function slopeText(slope: Slope): string {
  return `${power(slope.slope)} ± ${(slope.high - slope.slope).toFixed(2)}`;
}

/** A series' label with its fitted exponent beside the declared: `local — N^1.02, declared 1`. */
export function withPower({ label, exponent }: Series, slope: Slope | null): string {
  return slope === null
    ? `${label} — declared ${exponent}`
    : `${label} — ${power(slope.slope)}, declared ${exponent}`;
}
