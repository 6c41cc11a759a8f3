import { speedUpWithPrepare } from "../speed-up.ts";
import type { Words } from "../words.ts";
import type { Chart } from "./chart.ts";
import { lineChart } from "./line-chart.ts";
import { crossingCaption, speedupLines } from "./speedup-lines.ts";

/** The speed-up of a single call that has everything to do: compile the schedule, pack, allocate, run. */
export function speedupWithPrepare({ baseline }: Pick<Words, "baseline">): Chart {
  const title = `Speed-up over ${baseline}, prepare time included`;
  return {
    id: "speedup-with-prepare",
    title,
    caption:
      "The same for a first call: compiling the schedule, packing and allocating are added to both times. They were timed " +
      `once per case, so the band reflects only the spread of calls. ${crossingCaption(baseline)}`,
    absent: `No variant has a prepare time at a length at which ${baseline} also has one, so there is nothing to draw.`,
    spec: (results) => lineChart(results, speedupLines(title, baseline, speedUpWithPrepare)),
  };
}
