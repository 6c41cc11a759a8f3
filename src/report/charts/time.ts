import { formatSeconds } from "../../text/format.ts";
import { growthOf, withPower } from "../growth.ts";
import { isTimed } from "../speed-up.ts";
import type { Chart } from "./chart.ts";
import { lineChart } from "./line-chart.ts";

const title = "Time over length";

/** Time of one call, with the exponent fitted to each line. */
export const time: Chart = {
  id: "time",
  title,
  caption:
    "Median over rounds of the time of one call; a band is the median's 95 % interval. Both axes are logarithmic, so " +
    "that growth as N^a is a straight line of slope a. The legend is in the order of the lines at the right edge.",
  absent: "No time was measured, so there is none to draw.",
  spec: (results) =>
    lineChart(results, {
      title,
      quantity: { field: "seconds", title: "time of one call", format: formatSeconds },
      legend: "exponent fitted on time, declared",
      text: (series) => withPower(series, growthOf(series).time),
      measure: (row) => (isTimed(row) ? { value: row.median_s, low: row.low_s, high: row.high_s } : null),
    }),
};
