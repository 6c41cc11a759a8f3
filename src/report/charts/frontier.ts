import type { CaseRow } from "../../record/case-row.ts";
import { formatCount } from "../../text/format.ts";
import { apartOf, FULL, isAgainstFull } from "../against.ts";
import type { Series } from "../series.ts";
import { isTimed } from "../speed-up.ts";
import { type Bubble, bubbleChart } from "./bubble-chart.ts";
import type { Chart } from "./chart.ts";
import { type DrawnSeries, drawnSeries } from "./drawn-series.ts";
import type { LeftOut } from "./left-out.ts";
import { drawable } from "./line-chart.ts";

const title = "Speed against faithfulness";

/**
 * Each variant at one length: the style of figure 3 of Long Range Arena, Tay et al. 2020, arXiv 2011.04006.
 */
export const frontier: Chart = {
  id: "frontier",
  title,
  caption:
    "Cases of one length, the longest unless another is chosen: further right is faster, further up nearer to full " +
    "attention, and the area of a bubble grows with its workspace. The error is the relative distance to full attention " +
    "on the same input; what is measured against something else is left out. Below the line of the mean of v, which looks " +
    "at neither q nor k, it is larger than if all weights were alike. The dotted line is full attention's speed. A variant that no " +
    "model was trained for need not be near.",
  absent: "No case has both a time and an error against full attention, so there is nothing to draw.",
  spec(results) {
    const series = drawnSeries(results);
    const bubbles = series.flatMap((one) => one.rows.flatMap((row) => bubbleOf(one, row)));
    if (bubbles.length === 0) return null;
    return bubbleChart(bubbles, {
      title,
      leftOut: withoutError(series),
      speed: { title: "tokens per second", format: formatCount },
      results,
    });
  },
};

/** A case that can be drawn: one with a time and an error. */
function bubbleOf(series: DrawnSeries, row: CaseRow): readonly Bubble[] {
  const error = row.fidelity_error;
  if (!isTimed(row) || error === null || !isAgainstFull(row)) return [];
  // Those of the output: queries, if they are other tokens than the keys.
  const speed = (row.batch * (row.queries ?? row.length)) / row.median_s;
  return drawable(speed) ? [{ series, row, speed, error, bytes: row.workspace_bytes ?? 0 }] : [];
}

/** What was measured and has no error, or one against something else. */
function withoutError(series: readonly Series[]): LeftOut {
  const without = series.filter(({ rows }) => {
    return rows.some(isTimed) && rows.every((row) => row.fidelity_error === null);
  });
  const apart = series.flatMap(({ label, rows }) =>
    rows.flatMap((row) =>
      isTimed(row) && row.fidelity_error !== null && !isAgainstFull(row) ? [{ label, row }] : [],
    ),
  );
  return { against: FULL, without: without.map(({ label }) => label), apart: apartOf(apart) };
}
