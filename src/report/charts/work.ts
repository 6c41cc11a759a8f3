import { formatFlops } from "../../text/format.ts";
import { growthOf, hasWork, withPower } from "../growth.ts";
import type { Chart } from "./chart.ts";
import { exactly, lineChart } from "./line-chart.ts";

const title = "Work over length";

/** Useful floating-point operations of one call. */
export const work: Chart = {
  id: "work",
  title,
  caption:
    "Useful floating-point operations of one call, counted exactly from the definition: what the mathematics asks for, " +
    "without the padding that a kernel adds. There is no noise in it.",
  absent: "No case that was measured has its work counted, so there is none to draw.",
  spec: (results) =>
    lineChart(results, {
      title,
      quantity: { field: "useful_flops", title: "useful work of one call", format: formatFlops },
      legend: "exponent fitted on work, declared",
      text: (series) => withPower(series, growthOf(series).work),
      measure: (row) => (hasWork(row) ? exactly(row.useful_flops) : null),
    }),
};
