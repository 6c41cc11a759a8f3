import { formatRatio } from "../../text/format.ts";
import { overReference, type Rivals, sideBySide } from "../rivals.ts";
import { seriesOf } from "../series.ts";
import type { Chart } from "./chart.ts";
import { lineChart } from "./line-chart.ts";

/** The same variants by several kernels: how many times as fast as by the first. */
export const kernels: Chart = {
  id: "side-by-side",
  title: "Kernels side by side",
  caption:
    "How many times as fast as by the kernel that the run names first, at the same length and setting: above the line at 1 it " +
    "is faster. A band divides the ends of the two intervals crosswise, so it is wider than a 95 % interval.",
  absent: "No variant was measured by two kernels at one length.",
  concerns: ({ rows }) => sideBySide(seriesOf(rows)).rivals.length > 0,
  spec(results) {
    const { reference, rivals } = sideBySide(seriesOf(results.rows));
    const byLabel = new Map<string, Rivals>(
      rivals.flatMap((group) => group.series.map((one) => [one.label, group] as const)),
    );
    const title = `Times as fast as by ${reference}`;
    return lineChart(results, {
      title,
      quantity: { field: "over_kernel", title: title.toLowerCase(), format: formatRatio },
      legend: "fastest at the longest length first",
      rule: { value: 1, label: reference },
      measure({ length }, series) {
        const group = byLabel.get(series.label);
        const same = group?.series.find(({ label }) => label === series.label);
        const found = group === undefined || same === undefined ? null : overReference(same, group, length);
        return found === null ? null : { value: found.ratio, low: found.low, high: found.high };
      },
    });
  },
};
