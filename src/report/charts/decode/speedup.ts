import { BASELINE, isBaseline } from "../../../record/schema/baseline.ts";
import { operationOf } from "../../../record/schema/case-task.ts";
import { formatRatio } from "../../../text/format.ts";
import { speedUp } from "../../speed-up.ts";
import type { Words } from "../../words.ts";
import type { Chart } from "../chart.ts";
import { lineChart } from "../line-chart.ts";

/** How many times faster a token is than by the fair baseline, softmax with a key-value cache, or by that of a plan. */
export function tokenSpeedup({ baseline, attention }: Pick<Words, "baseline" | "attention">): Chart {
  const [over, stepped] =
    attention === baseline ? [baseline, baseline] : ["cached softmax", `${BASELINE} with a cache`];
  const title = `Speed-up per token over ${over}`;
  return {
    id: "token-speedup",
    title,
    caption:
      `Time per token of ${attention} divided by the variant's, by the same kernel at the same shape: above ` +
      "the line at 1 the variant is faster. A band divides the ends of the two intervals crosswise, so it is wider than a " +
      "95 % interval. A hollow mark is the position from which the variant stays faster, between two measured ones; its " +
      "whisker runs as far as the band meets 1. Recomputing is no baseline here: the table of fair and unfair ratios has it.",
    absent: `No variant was stepped at a position at which ${stepped} also was, so there is no speed-up to draw.`,
    spec: (results) =>
      lineChart(
        { ...results, rows: results.rows.filter((row) => operationOf(row).keepsState) },
        {
          title,
          over: "position",
          quantity: { field: "speed_up", title: `speed-up over ${over}`, format: formatRatio },
          legend: "fastest at the last position first",
          rule: { value: 1, label: `as fast as ${over}`, crossed: "faster from position" },
          measure(row, series) {
            const gain = isBaseline(series) ? null : speedUp(series, row.length);
            return gain === null ? null : { value: gain.ratio, low: gain.low, high: gain.high };
          },
        },
      ),
  };
}
