import { isBaseline } from "../../record/schema/baseline.ts";
import { isTimed } from "../speed-up.ts";
import type { DrawnSeries } from "./drawn-series.ts";
import { litLines, MOST_LIT } from "./hero/lit.ts";
import { HOVERED, LIT } from "./hero/names.ts";
import { inks } from "./look.ts";
import { seriesChannels } from "./series-channels.ts";

/** A chart of more lines than are told apart: some are coloured and in the legend, the others grey. */
export interface Crowd {
  /** The labels of the coloured ones, in the order of the lines. */
  readonly lit: readonly string[];
  readonly of: number;
}

/** Null if the lines are few enough to be coloured all. */
export function crowdOf(series: readonly DrawnSeries[]): Crowd | null {
  if (series.length <= MOST_LIT) return null;
  const lit = new Set(litSeries(series));
  return { lit: series.filter((one) => lit.has(one)).map(({ label }) => label), of: series.length };
}

/** The baselines, and the fastest at the longest of the lengths at which most have a time. */
export function litSeries(series: readonly DrawnSeries[]): readonly DrawnSeries[] {
  const counts = Map.groupBy(
    series.flatMap(({ rows }) => rows.filter(isTimed).map(({ length }) => length)),
    (length) => length,
  );
  const most = Math.max(...[...counts.values()].map((alike) => alike.length));
  const at = Math.max(...[...counts].filter(([, alike]) => alike.length === most).map(([length]) => length));
  const places = litLines(
    series.map((one) => ({
      first: isBaseline(one) && !one.operation.ofBaselineAlone,
      seconds: one.rows.find(({ length }) => length === at)?.median_s ?? null,
    })),
  );
  return places.map((place) => series[place]);
}

/** What the page changes when the reader chooses other lines. */
export function litParameters({ lit }: Crowd) {
  return [
    { name: LIT, value: [...lit] },
    { name: HOVERED, value: "" },
  ];
}

/** The channels of the lines, whose legend lists those that are coloured: `entries` are named by their labels. */
export function crowdChannels(
  field: string,
  { lit, of }: Crowd,
  entries: Parameters<typeof seriesChannels>[2],
) {
  const { color, shape } = seriesChannels(field, `${lit.length} of ${of}, the others in grey`, entries);
  const legend = { columns: 1, values: { expr: LIT } };
  return { color: { ...color, legend }, shape: { ...shape, legend } };
}

const isLit = `indexof(${LIT}, datum.series) >= 0 || datum.series === ${HOVERED}`;

/** Layers, of coloured lines alone if there is a crowd. */
export function litOnly<Layer extends { readonly transform?: readonly object[] }>(
  crowd: Crowd | null,
  layers: readonly Layer[],
): readonly Layer[] {
  if (crowd === null) return layers;
  return layers.map((layer) => ({ ...layer, transform: [{ filter: isLit }, ...(layer.transform ?? [])] }));
}

/** The others, behind the coloured ones. */
export function greyLines<X, Y extends { readonly field: string }>(crowd: Crowd | null, x: X, y: Y) {
  if (crowd === null) return [];
  return [
    {
      transform: [{ filter: `!(${isLit})` }, { filter: { field: y.field, valid: true as const } }],
      mark: { type: "line" as const, color: inks.line.light, strokeWidth: 1, opacity: 0.45 },
      encoding: { x, y, detail: { field: "series", type: "nominal" as const } },
    },
  ];
}
