import { inBytes } from "../axes.ts";
import type { Chart } from "../chart.ts";
import { exactly, lineChart } from "../line-chart.ts";
import { scoreBytes } from "../score-bytes.ts";

const title = "What is saved for the backward pass";

/** What a forward pass leaves for the backward pass, against what keeping the weights of all pairs would take. */
export const savedBytes: Chart = {
  id: "saved-bytes",
  title,
  caption:
    "Bytes that a forward pass leaves for its backward pass, besides q, k and v, which are there anyway. Solid: what the kernel kept, " +
    "counted to the byte, such as the output and a number for each query, from which weights are computed again. Dotted: the " +
    "weights of all pairs, 4 bytes each (2 in half precision), which the textbook's backward pass reads: of full attention they " +
    "grow as N². This is why attention in linear memory exists.",
  absent: "No backward pass that was measured says what is saved for it, so there is nothing to draw.",
  spec: (results) =>
    lineChart(results, {
      title,
      quantity: { field: "saved_bytes", title: "saved by the forward pass", ...inBytes },
      legend: "most at the longest length first",
      measure: ({ outcome, saved_bytes: saved = null }) =>
        outcome === "measured" && saved !== null ? exactly(saved) : null,
      second: { field: "weights", name: "weights of all pairs", of: scoreBytes, dash: [1, 4] },
    }),
};
