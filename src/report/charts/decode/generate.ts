import { formatSeconds } from "../../../text/format.ts";
import { generationOf } from "../../generation.ts";
import { isTimed } from "../../speed-up.ts";
import type { Chart } from "../chart.ts";
import { lineChart } from "../line-chart.ts";

const title = "Time to generate N tokens";

/** What a whole text takes, token by token. */
export const generate: Chart = {
  id: "generate",
  title,
  caption:
    "Time to generate N tokens one after the other, from nothing. It is not measured in one piece: times per token are " +
    "summed over positions, by the trapezoid rule in logarithms between measured positions, which is exact for power laws; " +
    "below the first measured position the law through the first two is extended. A band sums the ends of the times' " +
    "95 % intervals, so it is wider than a 95 % interval.",
  absent: "No time of a token was measured, so there is none to sum.",
  spec: (results) =>
    lineChart(results, {
      title,
      over: "tokens generated",
      quantity: { field: "generate_s", title: "time from nothing", format: formatSeconds },
      legend: "slowest at the most tokens first",
      measure(row, series) {
        const time = isTimed(row) ? generationOf(series, row.length) : null;
        return time === null ? null : { value: time.seconds, low: time.low, high: time.high };
      },
    }),
};
