import { formatLength, formatSeconds } from "../../../text/format.ts";
import type { Series } from "../../series.ts";
import { isTimed } from "../../speed-up.ts";
import { tokenExponentText, tokenGrowth } from "../../token-growth.ts";
import type { Chart } from "../chart.ts";
import { lineChart } from "../line-chart.ts";

const title = "Time per token over position";

/** Time of one token, with the exponent fitted to each line. */
export const tokenTime: Chart = {
  id: "token-time",
  title,
  caption:
    "Median over rounds of the time to take in one token and produce its output, at each position; a band " +
    "is the median's 95 % interval. “full, cached” is softmax with a key-value cache; “full, recomputed” computes the " +
    "whole sequence anew for each token. Growth as P^a is a straight line of slope a; if the keys of a " +
    "token stop growing, as past a window, a is fitted from there on, and the legend names the position.",
  absent: "No time of a token was measured, so there is none to draw.",
  spec: (results) =>
    lineChart(results, {
      title,
      over: "position",
      quantity: { field: "seconds", title: "time per token", format: formatSeconds },
      legend: "exponent fitted on time, declared",
      text: legendOf,
      measure: (row) => (isTimed(row) ? { value: row.median_s, low: row.low_s, high: row.high_s } : null),
    }),
};

/** `local — P^0.01 from 256, declared 0`. */
function legendOf(series: Series): string {
  const { time, from, declared } = tokenGrowth(series);
  if (time === null) return `${series.label} — declared ${declared}`;
  const exponent = tokenExponentText({ ...time, low: null, high: null });
  return `${series.label} — ${exponent}${from === null ? "" : ` from ${formatLength(from)}`}, declared ${declared}`;
}
