import { isBaseline } from "../../../record/schema/baseline.ts";
import { isTimed } from "../../speed-up.ts";
import type { DrawnSeries } from "../drawn-series.ts";
import { litLines } from "./lit.ts";

/** The baselines, and the fastest at the longest of the lengths at which most have a time. */
export function litSeries(series: readonly DrawnSeries[]): readonly DrawnSeries[] {
  const counts = Map.groupBy(
    series.flatMap(({ rows }) => rows.filter(isTimed).map(({ length }) => length)),
    (length) => length,
  );
  const most = Math.max(...[...counts.values()].map((alike) => alike.length));
  const at = Math.max(...[...counts].filter(([, alike]) => alike.length === most).map(([length]) => length));
  const places = litLines(
    series.map((one) => ({
      first: isBaseline(one) && !one.operation.ofBaselineAlone,
      seconds: one.rows.find(({ length }) => length === at)?.median_s ?? null,
    })),
  );
  return places.map((place) => series[place]);
}
