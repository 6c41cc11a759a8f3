import { operationOf } from "../../../record/schema/case-task.ts";
import { inBytes } from "../axes.ts";
import type { Chart } from "../chart.ts";
import { exactly, lineChart } from "../line-chart.ts";

const title = "State over position";

/** What must be kept of the tokens so far. */
export const stateBytes: Chart = {
  id: "state-bytes",
  title,
  caption:
    "Bytes that are kept of the tokens so far, so that the next can be made: all keys and values, those that a later query " +
    "may still attend, or the sums of linear attention. Recomputing keeps none. Counted, without noise.",
  absent: "No case that was measured has its state counted, so there is none to draw.",
  spec: (results) =>
    lineChart(
      { ...results, rows: results.rows.filter((row) => operationOf(row).keepsState) },
      {
        title,
        over: "position",
        quantity: { field: "state_bytes", title: "state", ...inBytes },
        legend: "most at the last position first",
        measure: ({ outcome, state_bytes }) =>
          outcome === "measured" && state_bytes !== undefined && state_bytes !== null
            ? exactly(state_bytes)
            : null,
      },
    ),
};
