import { WORDS, type Words } from "../words.ts";
import { lengthTitle } from "./axes.ts";
import type { Chart } from "./chart.ts";
import { heroChart } from "./hero/hero-chart.ts";

const title = "Time over length";

/** Time of one call of cases that are passes over whole sequences. */
export function passTime({ call, time: axis }: Pick<Words, "call" | "time">): Chart {
  return {
    id: "time",
    title,
    caption: `Median of one ${call}; bands are its 95 % interval. Dotted: growth as N and as N². Of many lines the fastest are coloured.`,
    absent: "No time was measured, so there is none to draw.",
    spec: (results) =>
      heroChart(results, {
        title,
        over: lengthTitle(results.rows),
        time: axis,
        letter: "N",
        powers: [1, 2],
        steps: false,
      }),
  };
}

/** The same of forward passes. */
export const time: Chart = passTime(WORDS.pass);
