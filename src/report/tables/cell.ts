import type { CaseRow } from "../../record/case-row.ts";
import { isBaseline } from "../../record/schema/baseline.ts";
import { formatRatio, formatSeconds, narrowPercent } from "../../text/format.ts";
import { rowAt, type Series } from "../series.ts";
import { isTimed, speedUp } from "../speed-up.ts";

/** What a table of series by length says about one case. */
export interface Cell {
  /**
   * `1.23 ms ±3%`, the percentage only if there is an interval; `skipped`, `unproven`, `FAILED`, or `–` if
   * there is no case.
   */
  readonly time: string;
  /** `12×`; empty for the baseline itself and if there is nothing to compare. */
  readonly speedUp: string;
}

export function cellOf(series: Series, length: number): Cell {
  const row = rowAt(series, length);
  if (row === undefined) return { time: "–", speedUp: "" };
  if (row.outcome === "failed") return { time: "FAILED", speedUp: "" };
  if (row.outcome === "unproven") return { time: "unproven", speedUp: "" };
  if (row.outcome === "skipped") return { time: "skipped", speedUp: "" };
  if (!isTimed(row)) return { time: "no time", speedUp: "" };
  const spread = halfWidth(row);
  const gain = isBaseline(series) ? null : speedUp(series, length);
  return {
    time: formatSeconds(row.median_s) + (spread === null ? "" : ` ±${narrowPercent(spread)}`),
    speedUp: gain === null ? "" : formatRatio(gain.ratio),
  };
}

/** Half the width of the median's interval as a share of the median; null if there is no interval. */
export function halfWidth({ median_s, low_s, high_s }: CaseRow): number | null {
  if (median_s === null || low_s === null || high_s === null || !(median_s > 0)) return null;
  return (high_s - low_s) / 2 / median_s;
}
