import { formatLength } from "../../core/format.ts";
import type { Results } from "../../record/case-row.ts";
import { seriesOf } from "../series.ts";
import { over, type SpeedUp } from "../speed-up.ts";
import type { Chart } from "./chart.ts";
import { type RatioCell, ratioChart, type Verdict } from "./ratio.ts";

/** Two files measured one after the other tell nothing of smaller changes. */
const FLOOR = 0.03;
/** The most cases in one chart; of more, those that changed most. */
const MOST_CELLS = 60;

/** A chart of what changed since another results file: each case that both have measured. */
export function comparedWith(base: Results): Chart {
  return {
    id: "compared",
    title: "Against the first file",
    caption:
      "Time of each case divided by that of the same case in the first of the results files. Whiskers divide the ends of " +
      "the two 95 % intervals crosswise; in the band nothing is called a change. Files measured one after the other, or " +
      `on different machines, are weak evidence. Of more than ${MOST_CELLS} cases those are shown that changed most.`,
    absent: "No case was measured in this file and in the first one, so there is nothing to compare.",
    spec: (head) =>
      ratioChart({ title: "Time against the first file", cells: cellsOf(head, base), floor: FLOOR }),
  };
}

function cellsOf(head: Results, base: Results): readonly RatioCell[] {
  const before = new Map(base.rows.map((row) => [row.case, row]));
  const cells = seriesOf(head.rows).flatMap((series) =>
    series.rows.flatMap((row) => {
      const then = before.get(row.case);
      const change = then === undefined ? null : over(row, then);
      if (change === null) return [];
      const label = `${series.label} at ${formatLength(row.length)}`;
      return [{ label, variant: series.variantLabel, ...change, verdict: verdictOf(change) }];
    }),
  );
  if (cells.length <= MOST_CELLS) return cells;
  const change = ({ ratio }: RatioCell): number => Math.abs(Math.log(ratio));
  const shown = new Set(cells.toSorted((a, b) => change(b) - change(a)).slice(0, MOST_CELLS));
  return cells.filter((cell) => shown.has(cell));
}

function verdictOf({ low, high }: SpeedUp): Verdict {
  if (low === null || high === null) return "unresolved";
  if (high < 1 - FLOOR) return "faster";
  if (low > 1 + FLOOR) return "slower";
  return low >= 1 - FLOOR && high <= 1 + FLOOR ? "same" : "unresolved";
}
