import type { Chart } from "../chart.ts";
import { heroChart } from "../hero/hero-chart.ts";

const title = "Time per token over position";

/** Time of one token. */
export const tokenTime: Chart = {
  id: "token-time",
  title,
  caption:
    "Median over rounds of the time to take in one token and produce its output, at each position; a band " +
    "is the median's 95 % interval. “full, cached” is softmax with a key-value cache; “full, recomputed” computes the " +
    "whole sequence anew for each token. Growth as P^a is a straight line of slope a, as the dotted one for P.",
  absent: "No time of a token was measured, so there is none to draw.",
  spec: (results) =>
    heroChart(results, {
      title,
      over: "position",
      time: "time per token",
      letter: "P",
      powers: [1],
      steps: true,
    }),
};
