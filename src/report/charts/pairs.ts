import { formatCount } from "../../text/format.ts";
import type { Chart } from "./chart.ts";
import { exactly, lineChart } from "./line-chart.ts";

const title = "Pairs over length";

/** Query-key pairs of one head. */
export const pairs: Chart = {
  id: "pairs",
  title,
  caption:
    "Query-key pairs that one head attends, the mean over heads where they differ; counted exactly from the pattern. " +
    "Variants without a pattern, such as linear attention, have none.",
  absent: "No case that was measured has a pattern, so there are no pairs to draw.",
  spec: (results) =>
    lineChart(results, {
      title,
      quantity: { field: "pairs", title: "pairs of one head", format: formatCount },
      legend: "most pairs at the longest length first",
      measure: (row) => (row.outcome === "measured" && row.pairs !== null ? exactly(row.pairs) : null),
    }),
};
