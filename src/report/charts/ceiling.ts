import { isTimed } from "../speed-up.ts";
import type { Chart } from "./chart.ts";
import { lineChart } from "./line-chart.ts";

const title = "Percent of the machine's ceiling";

/** Executed operations per second against the best that the machine, or a kernel's device, reached. */
export const ceiling: Chart = {
  id: "ceiling",
  title,
  caption:
    "Operations that the kernel executed per second, as a percentage of the best rate that the machine reached on as many " +
    "threads, or its device in products of tiles, measured as the run began. A band comes from the 95 % interval of time. Above 100 % something is wrong.",
  absent: "No case that was measured can be compared with a ceiling, so there is nothing to draw.",
  spec: (results) =>
    lineChart(results, {
      title,
      quantity: {
        field: "percent_of_ceiling",
        title: "share of the ceiling",
        format: (percent, digits) => `${Number(percent.toPrecision(digits))} %`,
      },
      legend: "nearest at the longest length first",
      rule: { value: 100, label: "the ceiling" },
      measure(row) {
        const { percent_of_ceiling: percent, low_s, high_s } = row;
        if (percent === null || !isTimed(row)) return null;
        // The faster end of the time is the higher end of the rate.
        const at = (seconds: number | null) => (seconds === null ? null : (percent * row.median_s) / seconds);
        return { value: percent, low: at(high_s), high: at(low_s) };
      },
    }),
};
