import type { TopLevelSpec } from "vega-lite";
import { lengthChannel, logChannel, type Quantity } from "./axes.ts";
import { dashes, inks, type Look } from "./look.ts";
import { paper } from "./paper.ts";

/** A quantity over length on two logarithmic axes: a line with points and a band a series. */
export interface LineChart {
  readonly title: string;
  readonly quantity: Quantity;
  /** Title of the legend, which lists the lines from high to low at the right edge. */
  readonly legend: string;
  readonly lines: readonly Line[];
  /** A value that matters in itself, drawn across. */
  readonly rule?: { readonly value: number; readonly label: string };
}

interface Line {
  /** As the legend shows it; unlike that of any other line. */
  readonly label: string;
  /** Safe to print; lines of one kernel share it. */
  readonly kernel: string;
  readonly look: Look;
  /** By rising length. */
  readonly points: readonly Point[];
}

interface Point {
  readonly length: number;
  /** Positive and finite. */
  readonly value: number;
  /** Ends of the value's interval; null where it has none. */
  readonly low: number | null;
  readonly high: number | null;
}

/** The chart as Vega-Lite, in the colours of paper, with its data in it. Null where no line has a point. */
export function lineChart({ title, quantity, legend, lines, rule }: LineChart): TopLevelSpec | null {
  const drawn = lines
    .filter((line) => line.points.length > 0)
    .sort((a, b) => valueAtEnd(b) - valueAtEnd(a) || (a.label < b.label ? -1 : 1));
  if (drawn.length === 0) return null;
  const points = drawn.flatMap((line) => line.points.map(drawable));
  const lengths = [...new Set(points.map((point) => point.length))].sort((a, b) => a - b);
  const reached = points.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value]);
  const x = lengthChannel(lengths);
  const y = logChannel(quantity, rule === undefined ? reached : [...reached, rule.value]);
  const { color, shape, strokeDash } = lineChannels(drawn, legend);
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    title,
    width: 560,
    height: Math.max(360, Math.min(drawn.length, LEGEND_ROWS) * 19),
    padding: 12,
    background: inks.ground.light,
    data: {
      values: drawn.flatMap((line) =>
        line.points.map(drawable).map(({ length, value, low, high }) => ({
          series: line.label,
          kernel: line.kernel,
          length,
          [quantity.field]: value,
          low,
          high,
        })),
      ),
    },
    layer: [
      ...(points.every(({ low }) => low === null)
        ? []
        : [
            {
              transform: [{ filter: "datum.low !== null" }],
              mark: { type: "area" as const, opacity: 0.2 },
              encoding: { x, y: { ...y, field: "low" }, y2: { field: "high" }, color },
            },
          ]),
      ...(rule === undefined ? [] : ruleLayers(rule, reached)),
      {
        mark: { type: "line", strokeWidth: 2 },
        encoding: { x, y, color, ...(strokeDash === null ? {} : { strokeDash }) },
      },
      { mark: { type: "point", filled: true, size: 65, opacity: 1 }, encoding: { x, y, color, shape } },
    ],
    config: paper,
  };
}

/** Colour and shape say the series and share one legend; dashes say the kernel, where there are several. */
function lineChannels(lines: readonly Line[], legend: string) {
  const series = {
    field: "series",
    type: "nominal" as const,
    title: legend,
    legend: { columns: Math.ceil(lines.length / LEGEND_ROWS) },
  };
  const domain = lines.map((line) => line.label);
  const kernels = [...new Set(lines.map((line) => line.kernel))].sort();
  return {
    color: { ...series, scale: { domain, range: lines.map((line) => line.look.color) } },
    shape: { ...series, scale: { domain, range: lines.map((line) => line.look.shape) } },
    strokeDash:
      kernels.length === 1
        ? null
        : {
            field: "kernel",
            type: "nominal" as const,
            title: "kernel",
            scale: { domain: kernels, range: kernels.map((_, index) => [...dashes[index % dashes.length]]) },
            legend: { symbolType: "stroke", symbolSize: 600, symbolStrokeColor: inks.text.light },
          },
  };
}

function ruleLayers({ value, label }: { value: number; label: string }, reached: readonly number[]) {
  // The label stands on the side of the rule where there is room: most of the axis.
  const above = value < Math.sqrt(Math.min(...reached) * Math.max(...reached));
  // One row of its own, or the rule would be drawn once for every point of the chart.
  const data = { values: [{}] };
  const y = { datum: value };
  const color = inks.text.light;
  const text = {
    type: "text" as const,
    color,
    align: "right" as const,
    baseline: above ? ("bottom" as const) : ("top" as const),
    dx: -4,
    dy: above ? -4 : 4,
  };
  return [
    { data, mark: { type: "rule" as const, color, strokeWidth: 1.5 }, encoding: { y } },
    { data, mark: text, encoding: { x: { value: "width" as const }, y, text: { value: label } } },
  ];
}

/** Rows of the legend before it takes a further column. */
const LEGEND_ROWS = 26;

/** Without an interval that is none, or that reaches down to zero, for which a logarithmic axis has no place. */
function drawable(point: Point): Point {
  const { value, low, high } = point;
  const fits = low !== null && high !== null && 0 < low && low <= value && value <= high;
  return fits ? point : { ...point, low: null, high: null };
}

function valueAtEnd(line: Line): number {
  return line.points[line.points.length - 1].value;
}
