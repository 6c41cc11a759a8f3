import { lengthTitle } from "./axes.ts";
import type { Chart } from "./chart.ts";
import { heroChart } from "./hero/hero-chart.ts";

const title = "Time over length";

/** Time of one call. */
export const time: Chart = {
  id: "time",
  title,
  caption:
    "Median over rounds of the time of one call; a band is the median's 95 % interval. Both axes are logarithmic, so " +
    "that growth as N^a is a straight line of slope a, as the dotted ones for N and N². Of many lines the fastest are coloured.",
  absent: "No time was measured, so there is none to draw.",
  spec: (results) =>
    heroChart(results, {
      title,
      over: lengthTitle(results.rows),
      time: "time of one call",
      letter: "N",
      powers: [1, 2],
      steps: false,
    }),
};
