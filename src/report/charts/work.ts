import { formatFlops } from "../../core/format.ts";
import { growthOf, hasWork, withPower } from "../growth.ts";
import { seriesOf } from "../series.ts";
import type { Chart } from "./chart.ts";
import { lineChart } from "./line-chart.ts";
import { looksOf } from "./look.ts";

const title = "Work over length";

/** Useful floating-point operations of one call: pairs would leave out the variants that have no pattern. */
export const work: Chart = {
  id: "work",
  title,
  caption:
    "Useful floating-point operations of one call, counted exactly from the definition: what the mathematics asks for, " +
    "without the padding that a kernel adds. There is no noise in it.",
  absent: "No case that was measured has its work counted, so there is none to draw.",
  spec({ rows }) {
    const series = seriesOf(rows);
    const lookOf = looksOf(series.map((one) => one.variant));
    return lineChart({
      title,
      quantity: {
        field: "useful_flops",
        title: "useful work of one call",
        format: formatFlops,
      },
      legend: "exponent fitted on work, declared",
      lines: series.map((one) => ({
        label: withPower(one, growthOf(one).work),
        kernel: one.kernelLabel,
        look: lookOf(one.variant),
        points: one.rows.filter(hasWork).map((row) => ({
          length: row.length,
          value: row.useful_flops,
          low: null,
          high: null,
        })),
      })),
    });
  },
};
