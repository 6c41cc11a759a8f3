import { operationOf } from "../../../record/schema/case-task.ts";
import { isTimed } from "../../speed-up.ts";
import type { Chart } from "../chart.ts";
import { lineChart } from "../line-chart.ts";

const title = "Percent of the measured read bandwidth";

/** Bytes per second against what the machine reads from where the touched part of the state lies. */
export const bandwidth: Chart = {
  id: "token-bandwidth",
  title,
  caption:
    "Bytes that one token touches, over its time, as a percentage of what one thread was measured to read per second from the " +
    "smallest working set that holds what the timed steps touch between them: a cache, or memory past all of them. This is " +
    "the ceiling of softmax with a cache; where a step is short, its fixed cost is what is seen. A band comes from the 95 % interval of time.",
  absent: "No step was measured together with the machine's read rates, so there is nothing to draw.",
  spec: (results) =>
    lineChart(
      { ...results, rows: results.rows.filter((row) => operationOf(row).keepsState) },
      {
        title,
        over: "position",
        quantity: {
          field: "percent_of_bandwidth",
          title: "share of the read bandwidth",
          format: (percent, digits) => `${Number(percent.toPrecision(digits))} %`,
        },
        legend: "nearest at the last position first",
        rule: { value: 100, label: "the measured bandwidth" },
        measure(row) {
          const { percent_of_bandwidth: percent, low_s, high_s } = row;
          if (percent === null || !isTimed(row)) return null;
          // The faster end of the time is the higher end of the rate.
          const at = (seconds: number | null) =>
            seconds === null ? null : (percent * row.median_s) / seconds;
          return { value: percent, low: at(high_s), high: at(low_s) };
        },
      },
    ),
};
