import { curvesOf } from "../../curves.ts";
import { seriesOf } from "../../series.ts";
import type { Words } from "../../words.ts";
import type { Chart } from "../chart.ts";
import { type CurveChart, curveChart } from "./curve-chart.ts";

/** What each chart of curves shows, by its id; `attention` is what its dotted line is the time of. */
const charts = (attention: string): Readonly<Record<string, CurveChart & { readonly caption: string }>> => ({
  "curve-error": {
    title: "Error over a parameter",
    x: "value",
    y: "error",
    caption:
      "How near each variant comes to full attention, or if none is measured against that to what the axis names, as one of " +
      "its parameters grows; up is nearer. Below the line of the " +
      "mean of v, which looks at neither q nor k, its output is worse than if all weights were alike.",
  },
  "curve-time": {
    title: "Time over a parameter",
    x: "value",
    y: "seconds",
    caption: `What each value costs. The dotted line is ${attention}'s time.`,
  },
  "curve-trade": {
    title: "Error over time, along a parameter",
    x: "seconds",
    y: "error",
    caption:
      "What time buys: one line a variant, a point for each value of its parameter. Up is nearer to full attention, or to " +
      `what the axis names if none is measured against that, to the left is faster, and the dotted line is ${attention}'s time. ` +
      "Below the line of the mean of v a variant's output is " +
      "worse than if all weights were alike.",
  },
});

/** The charts of what `run --curve` measured, in the words of the results; a report without a curve has none of them. */
export function curveCharts(words: Pick<Words, "time" | "fullLength" | "attention">): readonly Chart[] {
  return Object.entries(charts(words.attention)).map(([id, { caption, ...chart }]) => ({
    id,
    title: chart.title,
    caption: `${caption} One length at a time, the longest unless another is chosen.`,
    absent: "No curve has what this chart shows, so there is nothing to draw.",
    concerns: ({ rows }) => curvesOf(seriesOf(rows)).length > 0,
    spec: (results) => curveChart(results, words, chart),
  }));
}
