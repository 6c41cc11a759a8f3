import { BASELINE } from "../../core/baseline.ts";
import { formatRatio } from "../../core/format.ts";
import { seriesOf } from "../series.ts";
import { speedUp } from "../speed-up.ts";
import type { Chart } from "./chart.ts";
import { lineChart } from "./line-chart.ts";
import { looksOf } from "./look.ts";

const title = `Speed-up over ${BASELINE}`;

/** How many times faster than the baseline by the same kernel at the same shape. */
export const speedup: Chart = {
  id: "speedup",
  title,
  caption:
    `Time of ${BASELINE} divided by the variant's, by the same kernel at the same shape: above the line at 1 the ` +
    "variant is faster. A band divides the ends of the two intervals crosswise, so it is wider than a 95 % interval.",
  absent: `No variant was measured at a length at which ${BASELINE} was measured too, so there is no speed-up to draw.`,
  spec({ rows }) {
    const series = seriesOf(rows);
    const lookOf = looksOf(series.map((one) => one.variant));
    return lineChart({
      title,
      quantity: {
        field: "speed_up",
        title: `speed-up over ${BASELINE}`,
        format: formatRatio,
      },
      legend: "fastest at the longest length first",
      rule: { value: 1, label: `as fast as ${BASELINE}` },
      lines: series
        .filter((one) => one.variant !== BASELINE)
        .map((one) => ({
          label: one.label,
          kernel: one.kernelLabel,
          look: lookOf(one.variant),
          points: one.rows.flatMap(({ length }) => {
            const gain = speedUp(one, length);
            return gain === null ? [] : [{ length, value: gain.ratio, low: gain.low, high: gain.high }];
          }),
        })),
    });
  },
};
