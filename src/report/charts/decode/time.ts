import type { Chart } from "../chart.ts";
import { heroChart } from "../hero/hero-chart.ts";

const title = "Time per token over position";

/** Time of one token. */
export const tokenTime: Chart = {
  id: "token-time",
  title,
  caption:
    "Median to take in one token and produce its output; bands are its 95 % interval. “full, cached” keeps keys and values; " +
    "“full, recomputed” computes the whole sequence anew for each token. Dotted: growth as P.",
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
