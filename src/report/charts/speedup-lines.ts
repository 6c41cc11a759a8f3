import { isBaseline } from "../../record/schema/baseline.ts";
import { formatRatio } from "../../text/format.ts";
import type { Series } from "../series.ts";
import type { SpeedUp } from "../speed-up.ts";
import type { LineChart } from "./line-chart.ts";

/** Lines of how many times faster than the baseline, marked where they begin to be so. */
export function speedupLines(
  title: string,
  baseline: string,
  gainOf: (series: Series, length: number) => SpeedUp | null,
): LineChart {
  return {
    title,
    quantity: { field: "speed_up", title: `speed-up over ${baseline}`, format: formatRatio },
    legend: "fastest at the longest length first",
    rule: { value: 1, label: `as fast as ${baseline}`, crossed: "faster from length" },
    measure(row, series) {
      const gain = isBaseline(series) ? null : gainOf(series, row.length);
      return gain === null ? null : { value: gain.ratio, low: gain.low, high: gain.high };
    },
  };
}

/** How to read the marks. */
export function crossingCaption(baseline: string): string {
  return (
    `A hollow mark is the length from which the variant stays faster than ${baseline}, between two measured ` +
    "lengths; its whisker runs as far as the band meets 1."
  );
}
