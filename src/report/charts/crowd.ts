import type { CaseRow } from "../../record/case-row.ts";
import { isBaseline } from "../../record/schema/baseline.ts";
import type { lengthChannel, logChannel } from "./axes.ts";
import { tooltip } from "./details.ts";
import type { DrawnSeries } from "./drawn-series.ts";
import { litLines, MOST_LIT } from "./hero/lit.ts";
import { HOVERED, LIT } from "./hero/names.ts";
import { inks } from "./look.ts";

/** A line of a chart that may have too many to tell apart. */
interface CrowdedLine {
  readonly series: DrawnSeries;
  readonly text: string;
  readonly points: readonly { readonly row: CaseRow }[];
}

/** Which lines are coloured where there are too many to tell apart, as in the chart of times. */
export interface Crowd {
  /** What the legend lists. */
  readonly texts: readonly string[];
  /** A line below the title. */
  readonly note: string;
  /** The labels of its lines, which a page changes, and of the one under the pointer. */
  readonly params: readonly { readonly name: string; readonly value: readonly string[] | string }[];
}

/** Null if there are so few lines that all are coloured. */
export function crowdOf(lines: readonly CrowdedLine[]): Crowd | null {
  if (lines.length <= MOST_LIT) return null;
  const byLength = Map.groupBy(
    lines.flatMap(({ points }) => points.map(({ row }) => row.length)),
    (length) => length,
  );
  const most = Math.max(...[...byLength.values()].map((alike) => alike.length));
  const length = Math.max(...[...byLength].filter(([, alike]) => alike.length === most).map(([at]) => at));
  const places = new Set(
    litLines(
      lines.map(({ series, points }) => ({
        first: isBaseline(series) && !series.operation.ofBaselineAlone,
        seconds: points.find(({ row }) => row.length === length)?.row.median_s ?? null,
      })),
    ),
  );
  const lit = lines.filter((_, place) => places.has(place));
  return {
    texts: lit.map(({ text }) => text),
    note: `${lit.length} of ${lines.length} coloured: the fastest; the others are grey`,
    params: [
      { name: LIT, value: lit.map(({ series }) => series.label) },
      { name: HOVERED, value: "" },
    ],
  };
}

/** All lines in grey, behind those that are coloured. */
export function greyLines(x: ReturnType<typeof lengthChannel>, y: ReturnType<typeof logChannel>) {
  return {
    transform: [{ filter: { field: y.field, valid: true as const } }],
    mark: { type: "line" as const, color: inks.line.light, strokeWidth: 1, opacity: 0.45 },
    encoding: {
      x,
      y,
      detail: { field: "series", type: "nominal" as const },
      tooltip: tooltip({ series: "series" }),
    },
  };
}

/** A layer of which only what is lit or under the pointer is drawn. */
export function ofLit<Layer extends { readonly transform?: readonly object[] }>(layer: Layer) {
  const filter = `indexof(${LIT}, datum.series) >= 0 || datum.series === ${HOVERED}`;
  return { ...layer, transform: [{ filter }, ...(layer.transform ?? [])] };
}
