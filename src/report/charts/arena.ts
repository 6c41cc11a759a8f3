import { formatRatio } from "../../text/format.ts";
import { isAgainstFull } from "../against.ts";
import { arenaOf } from "../arena.ts";
import { seriesOf } from "../series.ts";
import { isTimed, speedUp } from "../speed-up.ts";
import { type Bubble, bubbleChart } from "./bubble-chart.ts";
import type { Chart } from "./chart.ts";
import { type DrawnSeries, drawnSeries } from "./drawn-series.ts";
import { drawable } from "./line-chart.ts";

const title = "The models of Long Range Arena";

/** Figure 3 of Long Range Arena, Tay et al. 2020, arXiv 2011.04006, with what is measured here. */
export const arena: Chart = {
  id: "arena",
  title,
  caption:
    "The picture of Tay et al. 2020 (arXiv 2011.04006, figure 3): further right is faster than full attention at the same " +
    "length, and the area of a bubble is memory, here the workspace. Upwards there are trained models' scores there; here, " +
    "where nothing is trained, it is nearness to full attention on the same input, and what approximates something else, or " +
    "nothing, stands on the line “n/a”. One length at a time, the longest unless another is chosen.",
  absent: "These results do not hold full attention and six more of Long Range Arena's models.",
  concerns: ({ rows }) => arenaOf(seriesOf(rows)).length > 0,
  spec(results) {
    const bubbles = arenaOf(drawnSeries(results)).flatMap(({ series }) => bubblesOf(series));
    if (bubbles.length === 0) return null;
    const speed = { title: "times as fast as full attention", format: formatRatio };
    return bubbleChart(bubbles, { title, speed, results });
  },
};

function bubblesOf(series: DrawnSeries): readonly Bubble[] {
  return series.rows.flatMap((row) => {
    const speed = speedUp(series, row.length)?.ratio ?? 0;
    if (!isTimed(row) || !drawable(speed)) return [];
    const error = isAgainstFull(row) ? row.fidelity_error : null;
    return [{ series, row, speed, error, bytes: row.workspace_bytes ?? 0 }];
  });
}
