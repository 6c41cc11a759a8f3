import type { Words } from "../words.ts";
import type { Chart } from "./chart.ts";
import { formatError } from "./details.ts";
import { scatterChart } from "./scatter-chart.ts";

const title = "Verification error against its budget";

/** How far the kernels' outputs are from the float64 reference, and how far they may be. */
export const gateError = ({ larger }: Pick<Words, "larger">): Chart => ({
  id: "gate-error",
  title,
  caption:
    "Largest error of the output against a float64 reference, and the budget that the reference's own float32 rounding " +
    "gives it. A case above the line has failed and has no time; one without any error has no place on these axes. " +
    `Larger points are ${larger}.`,
  absent: "No case was measured whose verification found an error, so there is nothing to draw.",
  spec: (results) =>
    results.rows.every((row) => row.outcome !== "measured")
      ? null
      : scatterChart(results, {
          title,
          x: { field: "budget", title: "budget", format: formatError },
          y: { field: "error", title: "verification error", format: formatError },
          legend: "series",
          place: ({ gate_error: y, gate_budget: x }) => (x === null || y === null ? null : { x, y }),
          shares: [{ share: 1, label: "budget" }],
        }),
});
