import { speedUp } from "../speed-up.ts";
import type { Words } from "../words.ts";
import type { Chart } from "./chart.ts";
import { lineChart } from "./line-chart.ts";
import { crossingCaption, speedupLines } from "./speedup-lines.ts";

/** How many times faster than the baseline by the same kernel at the same shape. */
export function speedup({ baseline }: Pick<Words, "baseline">): Chart {
  const title = `Speed-up over ${baseline}`;
  return {
    id: "speedup",
    title,
    caption:
      `Time of ${baseline} divided by the variant's, by the same kernel at the same shape: above the line at 1 the ` +
      "variant is faster. A band divides the ends of the two intervals crosswise, so it is wider than a 95 % interval. " +
      crossingCaption(baseline),
    absent: `No variant was measured at a length at which ${baseline} was also measured, so there is no speed-up to draw.`,
    spec: (results) => lineChart(results, speedupLines(title, baseline, speedUp)),
  };
}
