import { isBaseline } from "../../record/schema/baseline.ts";
import { formatRatio } from "../../text/format.ts";
import { speedUp } from "../speed-up.ts";
import type { Words } from "../words.ts";
import type { Chart } from "./chart.ts";
import { scatterChart } from "./scatter-chart.ts";

const title = "Achieved against ideal speed-up";

/** How much of the work that a variant saves is also saved in time. */
export function ideal({ baseline }: Pick<Words, "baseline">): Chart {
  return {
    id: "ideal",
    title,
    caption:
      `The speed-up over ${baseline} against what the work allows: the useful work of ${baseline} over the variant's. On ` +
      "the solid line all of it was achieved, on the dashed one three quarters. Larger points are longer sequences.",
    absent: `No variant was measured at a length at which ${baseline} was also measured, so there is nothing to draw.`,
    spec: (results) =>
      scatterChart(results, {
        title,
        x: { field: "ideal", title: "ideal speed-up, by work", format: formatRatio },
        y: { field: "achieved", title: "achieved speed-up", format: formatRatio },
        legend: "series",
        place(row, series) {
          if (isBaseline(series) || row.ideal_speedup === null) return null;
          const gain = speedUp(series, row.length);
          return gain === null ? null : { x: row.ideal_speedup, y: gain.ratio };
        },
        shares: [
          { share: 1, label: "all of it" },
          { share: 0.75, label: "75 %" },
        ],
      }),
  };
}
