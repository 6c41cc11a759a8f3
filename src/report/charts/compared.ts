import type { ComparedCell, Comparison } from "../../compare/comparison.ts";
import { formatLength } from "../../text/format.ts";
import { labeller, shortName } from "../../text/labels.ts";
import { decisiveTime, isOfMean } from "../comparison/verdicts.ts";
import { seriesOf } from "../series.ts";
import type { Chart } from "./chart.ts";
import { type RatioCell, ratioChart } from "./ratio.ts";

/** The most cells in one chart; if there are more, those that changed most. */
const MOST_CELLS = 60;

/** The chart's name. */
export const COMPARED = "compared";

/** A chart of what changed since another results file: each cell measured in both, with its verdict. */
export function comparedChart(comparison: Comparison): Chart {
  return {
    id: COMPARED,
    title: "Against the first file",
    caption:
      "Time of each case divided by that of the same case in the first of the results files, with its 95 % interval over " +
      "rounds. In the band nothing is called a change; outside it, only what holds when all cases are considered. Files measured " +
      "one after the other, or on different machines, are weak evidence. " +
      `Of more than ${MOST_CELLS} cases, those that changed most are shown.`,
    absent: "No case was measured in this file and in the first one, so there is nothing to compare.",
    spec: ({ rows }) => {
      const labels = cellLabels(rows);
      const cells = comparison.cells.map((cell): RatioCell => {
        const { label, variant } = labels(cell);
        const named = isOfMean(cell) ? `${label} (mean)` : label;
        return { label: named, variant, ...decisiveTime(cell), verdict: cell.verdict };
      });
      return ratioChart({
        title: "Time against the first file",
        cells: mostChanged(cells),
        floor: comparison.margin,
      });
    },
  };
}

/** What the report's other charts call a cell; one that head's file names differently keeps its own name. */
function cellLabels(rows: Parameters<typeof seriesOf>[0]) {
  const label = labeller();
  const labels = new Map(
    seriesOf(rows).flatMap((series) =>
      series.rows.map((row) => {
        const text = label([`${series.label} at ${formatLength(row.length)}`]);
        return [row.case, { label: text, variant: series.variantLabel }] as const;
      }),
    ),
  );
  return ({ case: name, variant }: ComparedCell) =>
    labels.get(name) ?? { label: label([shortName(name, 80)]), variant: shortName(variant) };
}

function mostChanged(cells: readonly RatioCell[]): readonly RatioCell[] {
  if (cells.length <= MOST_CELLS) return cells;
  const change = ({ ratio }: RatioCell): number => Math.abs(Math.log(ratio));
  const shown = new Set(cells.toSorted((a, b) => change(b) - change(a)).slice(0, MOST_CELLS));
  return cells.filter((cell) => shown.has(cell));
}
