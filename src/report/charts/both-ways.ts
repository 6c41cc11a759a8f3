import { formatRatio, formatSeconds } from "../../text/format.ts";
import { type BothWays, bothWaysOf } from "../both-ways.ts";
import { seriesOf } from "../series.ts";
import type { Chart } from "./chart.ts";
import { lineChart } from "./line-chart.ts";

const title = "What the same function costs both ways";

/** Time of what computes one function, and what its operations would take at the pace of the other. */
export const bothWays: Chart = {
  id: "both-ways",
  title,
  caption:
    "Median time of one call of variants that compute the same function, such as a convolution and the attention that is one; " +
    "the band is the 95 % interval over rounds. Dashed, what the dearer would take if each of its operations took as long as " +
    "one of the cheaper: where the two lines are close, operations say what it costs, and nothing else does.",
  absent: "No two variants were measured at one length that compute the same function.",
  concerns: (results) => seriesOf(results.rows).some((one) => bothWaysOf(one, results).length > 0),
  spec(results) {
    const found = new Map<string, BothWays>();
    const drawn = new Set<string>();
    for (const series of seriesOf(results.rows)) {
      for (const one of bothWaysOf(series, results)) {
        found.set(one.row.case, one);
        drawn.add(one.row.case).add(one.twin.case);
      }
    }
    const rows = results.rows.filter((row) => drawn.has(row.case));
    return lineChart(
      { ...results, rows },
      {
        title,
        quantity: { field: "median_s", title: "time of one call", format: formatSeconds },
        legend: "slowest at the longest length first",
        second: {
          field: "by_flops_s",
          name: "by its operations",
          marked: true,
          of(row) {
            const one = found.get(row.case);
            return one === undefined || one.twin.median_s === null ? null : one.flops * one.twin.median_s;
          },
        },
        told: {
          titles: { times: "times as long", flops: "times as many operations" },
          of(row) {
            const one = found.get(row.case);
            return one === undefined
              ? {}
              : { times: formatRatio(one.times, 3), flops: formatRatio(one.flops, 3) };
          },
        },
        measure: ({ median_s, low_s, high_s }) =>
          median_s === null ? null : { value: median_s, low: low_s, high: high_s },
      },
    );
  },
};
