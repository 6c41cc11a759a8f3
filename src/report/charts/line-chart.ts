import type { TopLevelSpec } from "vega-lite";
import type { CaseRow } from "../../record/case-row.ts";
import type { Measured } from "../ranking/entry.ts";
import type { Series } from "../series.ts";
import { lengthChannel, lengthTitle, logChannel, type Quantity } from "./axes.ts";
import { crossingLayers, crossingRows } from "./crossings.ts";
import { crowdOf, greyLines, ofLit } from "./crowd.ts";
import { caseTooltip, detailsOf, stepTooltip, tooltip } from "./details.ts";
import { type DrawnSeries, drawnSeries, type SeriesSource } from "./drawn-series.ts";
import { type Limit, limitLayers, limitPoints, type SecondLine, secondLayers } from "./further-lines.ts";
import { sheet } from "./paper.ts";
import { ruleLayers } from "./rule-layers.ts";
import { heightBeside, seriesChannels, styleChannel } from "./series-channels.ts";

/** A quantity over length on two logarithmic axes: one line with points and a band per series. */
export interface LineChart {
  readonly title: string;
  readonly quantity: Quantity;
  /** What a case's `length` is if cases are steps; a sequence length, or that of the keys, if omitted. */
  readonly over?: "position" | "tokens generated";
  /** Title of the legend, which lists the lines from high to low at the right edge. */
  readonly legend: string;
  /** What the legend says about a series; its label if omitted. */
  readonly text?: (series: Series) => string;
  /** The quantity of a case; null if it has none. */
  readonly measure: (row: CaseRow, series: Series) => Measured | null;
  /** What the legend calls lines whose series has no style of its own; `measured` if omitted. */
  readonly usual?: string;
  /** A second quantity, drawn in a style of its own, if the case also has the first: dotted, as by a formula, if omitted. */
  readonly second?: SecondLine;
  /** The most that the quantity can be, from the cases of the baseline: drawn quietly, behind all else. */
  readonly limit?: Limit;
  /** What a tooltip says besides what it says of every case: titles by field, and their texts. */
  readonly told?: Told;
  /**
   * A value that matters in itself, drawn across. If `crossed`, a mark shows where lines rise above it for
   * good, and its tooltip says so in these words.
   */
  readonly rule?: { readonly value: number; readonly label: string; readonly crossed?: string };
}

interface Told {
  readonly titles: Readonly<Record<string, string>>;
  readonly of: (row: CaseRow, series: Series) => Readonly<Record<string, string>>;
}

/** A series with its points by rising length. */
export interface Line {
  readonly series: DrawnSeries;
  readonly text: string;
  readonly points: readonly Point[];
}

interface Point extends Measured {
  readonly row: CaseRow;
  readonly second: number | null;
}

/** Pixels from the left end of the lengths to the right one. */
const WIDTH = 560;

/** The chart as Vega-Lite, in the colours of paper, with its data in it. Null if no line has a point. */
export function lineChart(results: SeriesSource, chart: LineChart): TopLevelSpec | null {
  const { rows } = results;
  const { title, quantity, over, legend, rule, usual = "measured", second, limit, told } = chart;
  const lines = linesOf(results, chart);
  if (lines.length === 0) return null;
  const points = lines.flatMap((line) => line.points);
  const lengths = [...new Set(points.map(({ row }) => row.length))].sort((a, b) => a - b);
  const limits = limit === undefined ? [] : limitPoints(drawnSeries(results), lengths, limit);
  const reached = [
    ...points.flatMap(({ value, low, high, second }) => [
      value,
      low ?? value,
      high ?? value,
      second ?? value,
    ]),
    ...limits.map((one) => one.limit),
  ];
  const x = lengthChannel(lengths, over ?? lengthTitle(rows));
  const y = logChannel(quantity, rule === undefined ? reached : [...reached, rule.value]);
  const crowd = crowdOf(lines);
  const height = heightBeside(crowd?.texts.length ?? lines.length, 360);
  const entries = lines.map(({ text, series: { look } }) => ({ text, look }));
  const { color, shape } = seriesChannels("line", legend, entries, crowd?.texts);
  const styleOf = ({ series }: Line) => series.style || usual;
  const further = [...(second === undefined ? [] : [second]), ...(limit === undefined ? [] : [limit])];
  const strokeDash = styleChannel(lines.map(styleOf), further);
  const crossed = rule?.crossed;
  const tips = [...tooltip(told?.titles ?? {}), ...(over === undefined ? caseTooltip : stepTooltip)];
  const crossings =
    rule === undefined || crossed === undefined
      ? []
      : crossingRows(lines, rule.value, y.scale.domain, height);
  const bands = points.every(({ low }) => low === null)
    ? []
    : [
        {
          transform: [{ filter: { field: "low", valid: true as const } }],
          mark: { type: "area" as const, opacity: 0.2 },
          encoding: { x, y: { ...y, field: "low" }, y2: { field: "high" }, color },
        },
      ];
  const coloured = [
    ...(second === undefined || strokeDash === null
      ? []
      : secondLayers(second, { x, y, color, strokeDash }, { shape, tooltip: tips })),
    {
      transform: [{ filter: { field: quantity.field, valid: true as const } }],
      mark: { type: "line" as const, strokeWidth: 2 },
      encoding: { x, y, color, ...(strokeDash === null ? {} : { strokeDash }) },
    },
    {
      transform: [{ filter: { field: quantity.field, valid: true as const } }],
      mark: { type: "point" as const, filled: true, size: 65, opacity: 1 },
      encoding: { x, y, color, shape, tooltip: tips },
    },
    ...(crossings.length === 0 || crossed === undefined
      ? []
      : crossingLayers({ x, y, color, shape }, crossed)),
  ];
  return {
    ...sheet(title, crowd?.notes),
    ...(crowd !== null && { params: crowd.params.map((one) => ({ ...one })) }),
    width: WIDTH,
    height,
    data: {
      values: [
        ...lines.flatMap((line) =>
          line.points.map(({ row, value, low, high, second: other }) => ({
            ...detailsOf(line.series, row),
            ...told?.of(row, line.series),
            line: line.text,
            ...(strokeDash === null ? {} : { style: styleOf(line) }),
            [quantity.field]: value,
            low,
            high,
            ...(second === undefined ? {} : { [second.field]: other }),
          })),
        ),
        ...crossings,
      ],
    },
    layer: [
      ...(limit === undefined || strokeDash === null ? [] : limitLayers(limits, limit, { x, y, strokeDash })),
      ...(crowd === null ? [] : [greyLines(x, y)]),
      ...(crowd === null ? bands : bands.map(ofLit)),
      ...(rule === undefined
        ? []
        : ruleLayers(rule, reached, lines, { domain: y.scale.domain, width: WIDTH, height })),
      ...(crowd === null ? coloured : coloured.map(ofLit)),
    ],
  };
}

/** The lines that have a point, from high to low at the right edge. */
function linesOf(results: SeriesSource, { text, measure, second }: LineChart): readonly Line[] {
  return drawnSeries(results)
    .map((series) => ({
      series,
      text: text?.(series) ?? series.label,
      points: series.rows.flatMap((row) => {
        const measured = measure(row, series);
        if (measured === null || !drawable(measured.value)) return [];
        const other = second?.of(row, series) ?? null;
        return [{ row, ...withBand(measured), second: other !== null && drawable(other) ? other : null }];
      }),
    }))
    .filter((line) => line.points.length > 0)
    .sort((a, b) => valueAtEnd(b) - valueAtEnd(a) || (a.text < b.text ? -1 : 1));
}

/** A logarithmic axis has a place for it. */
export function drawable(value: number): boolean {
  return value > 0 && value < Number.POSITIVE_INFINITY;
}

/** Without intervals that are missing or reach down to zero. */
function withBand({ value, low, high }: Measured): Measured {
  const fits = low !== null && high !== null && 0 < low && low <= value && value <= high;
  return fits && drawable(high) ? { value, low, high } : { value, low: null, high: null };
}

function valueAtEnd(line: Line): number {
  return line.points[line.points.length - 1].value;
}

/** A value without noise. */
export function exactly(value: number): Measured {
  return { value, low: null, high: null };
}
