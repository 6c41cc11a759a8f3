import type { ComparedCell, Comparison } from "../../compare/comparison.ts";
import { shortName } from "../../text/labels.ts";
import { ratioCaption } from "../comparison/ratio-caption.ts";
import { byWeight, decisiveTime, isOfMean } from "../comparison/verdicts.ts";
import { seriesOf } from "../series.ts";
import type { Chart } from "./chart.ts";
import { type RatioCell, ratioChart } from "./ratio.ts";

/** The names of the charts. */
export const COMPARED = ["compared", "compared-all"] as const;

/** The most rows of the chart that is seen first, and of that which is folded. */
const FIRST = 16;
const MOST = 80;

/**
 * Charts of what changed since another results file, each cell measured in both with its verdict: the rows that matter
 * most, and if there are more all of them.
 */
export function comparedCharts(comparison: Comparison): readonly Chart[] {
  const [first, all] = COMPARED;
  const chart = (id: string, title: string, most: number): Chart => ({
    id,
    title,
    caption:
      `${ratioCaption(comparison.margin, 0)} Outside it, only what holds when all cases are considered is called one. ` +
      "Files measured one after the other, or on different machines, are weak evidence.",
    absent: "No case was measured in this file and in the first one, so there is nothing to compare.",
    spec: ({ rows }) => comparedSpec(comparison, rowsOf(comparison, rows), most),
    concerns: ({ rows }) => id === first || rowsOf(comparison, rows).size > FIRST,
  });
  return [
    chart(first, "Against the first file", FIRST),
    chart(all, "Against the first file, all rows", MOST),
  ];
}

/** A cell as the report's other charts call it. */
interface Named {
  readonly cell: ComparedCell;
  readonly series: string;
  readonly variant: string;
}

type Rows = ReadonlyMap<string, readonly Named[]>;

/** The cells by their series, those first that matter most; one that head's file names differently keeps its own name. */
function rowsOf({ cells }: Comparison, rows: Parameters<typeof seriesOf>[0]): Rows {
  const names = new Map(
    seriesOf(rows).flatMap(({ label: series, variantLabel: variant, rows: own }) =>
      own.map((row) => [row.case, { series, variant }] as const),
    ),
  );
  const named = cells.map((cell) => ({
    cell,
    ...(names.get(cell.case) ?? { series: shortName(cell.case, 80), variant: shortName(cell.variant) }),
  }));
  return Map.groupBy(byWeight(named), ({ series }) => series);
}

function comparedSpec(comparison: Comparison, rows: Rows, most: number) {
  return ratioChart({
    title: "Change of time in % since the first file, by length: right of 0 is slower",
    floor: comparison.margin,
    cells: [...rows].slice(0, most).flatMap(([, alike]) =>
      alike.map(
        ({ cell, series, variant }): RatioCell => ({
          series,
          variant,
          length: cell.length,
          ...decisiveTime(cell),
          isOfMean: isOfMean(cell),
          verdict: cell.verdict,
        }),
      ),
    ),
  });
}
