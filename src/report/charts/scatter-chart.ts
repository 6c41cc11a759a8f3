import type { TopLevelSpec } from "vega-lite";
import type { CaseRow } from "../../record/case-row.ts";
import type { Series } from "../series.ts";
import { logChannel, type Quantity, spanOf } from "./axes.ts";
import { caseTooltip, detailsOf } from "./details.ts";
import { drawnSeries, type SeriesSource } from "./drawn-series.ts";
import { drawable } from "./line-chart.ts";
import { dashes, inks } from "./look.ts";
import { sheet } from "./paper.ts";
import { heightBeside, pointChannels, strokeLegend } from "./series-channels.ts";

/** One quantity of each case against another, both logarithmic, with the lines where y is a share of x. */
export interface ScatterChart {
  readonly title: string;
  readonly x: Quantity;
  readonly y: Quantity;
  /** Title of the legend. */
  readonly legend: string;
  /** Where a case is placed; null if it has no place. */
  readonly place: (row: CaseRow, series: Series) => { readonly x: number; readonly y: number } | null;
  /** They are within the chart. */
  readonly shares: readonly { readonly share: number; readonly label: string }[];
}

const WIDTH = 560;

/** The chart as Vega-Lite. Points of a series grow with length. Null if no case has a place. */
export function scatterChart(results: SeriesSource, chart: ScatterChart): TopLevelSpec | null {
  const { title, legend, shares } = chart;
  const placed = drawnSeries(results).flatMap((series) => {
    const points = series.rows.flatMap((row) => {
      const at = chart.place(row, series);
      return at === null || !drawable(at.x) || !drawable(at.y) ? [] : [{ row, at }];
    });
    return points.length === 0 ? [] : [{ series, points }];
  });
  if (placed.length === 0) return null;
  const points = placed.flatMap((one) => one.points);
  const x = logChannel(
    chart.x,
    points.map(({ at }) => at.x),
  );
  const y = logChannel(
    chart.y,
    points.flatMap(({ at }) => [at.y, ...shares.map(({ share }) => share * at.x).filter(drawable)]),
  );
  const [shortest, longest] = spanOf(points.map(({ row }) => row.length));
  return {
    ...sheet(title),
    width: WIDTH,
    height: heightBeside(placed.length, 400),
    data: {
      values: placed.flatMap(({ series, points }) =>
        points.map(({ row, at }) => ({
          ...detailsOf(series, row),
          [chart.x.field]: at.x,
          [chart.y.field]: at.y,
        })),
      ),
    },
    layer: [
      ...shareLayers(chart, x, y),
      {
        mark: { type: "point", opacity: 0.9, strokeWidth: 1.5 },
        encoding: {
          x,
          y,
          ...pointChannels(
            legend,
            placed.map(({ series }) => series),
          ),
          size: {
            field: "length",
            type: "quantitative",
            scale: {
              type: "log",
              domain: [shortest / 2, longest],
              range: [20, 150],
            },
            legend: null,
          },
          tooltip: caseTooltip,
        },
      },
    ],
  };
}

type Channel = ReturnType<typeof logChannel>;

/** The lines y = share · x within the chart, named in a legend. */
function shareLayers({ shares }: ScatterChart, x: Channel, y: Channel) {
  const [left, right] = x.scale.domain;
  const [bottom, top] = y.scale.domain;
  const scale = {
    domain: shares.map(({ label }) => label),
    range: shares.map((_, index) => [...dashes[index % dashes.length]]),
  };
  return shares.flatMap(({ share, label }) => {
    const from = Math.max(left, bottom / share);
    const to = Math.min(right, top / share);
    if (!(from < to)) return [];
    const strokeDash = {
      datum: label,
      type: "nominal" as const,
      title: "lines",
      scale,
      legend: strokeLegend,
    };
    return {
      data: { values: [from, to].map((at) => ({ [x.field]: at, [y.field]: share * at })) },
      mark: { type: "line" as const, color: inks.text.light, strokeWidth: 1.5 },
      encoding: { x, y, strokeDash },
    };
  });
}
