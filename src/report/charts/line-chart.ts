import type { TopLevelSpec } from "vega-lite";
import { formatLength } from "../../core/format.ts";
import { dashes, inks, type Look } from "./look.ts";
import { labelExpression, logTicks } from "./ticks.ts";

/** Something over length on two logarithmic axes, a line with points and a band a series. */
export interface LineChart {
  readonly title: string;
  readonly legend: string;
  /** Name of the quantity in the chart's data, and the axis' title. */
  readonly field: string;
  readonly axis: string;
  readonly format: (value: number) => string;
  readonly lines: readonly Line[];
  /** A value that matters in itself, drawn across. */
  readonly rule?: { readonly value: number; readonly label: string };
}

export interface Line {
  /** As the legend shows it; unlike that of any other line. */
  readonly label: string;
  readonly kernel: string;
  readonly look: Look;
  /** By rising length; at least one. */
  readonly points: readonly Point[];
}

export interface Point {
  readonly length: number;
  readonly value: number;
  /** Ends of the value's interval; null where it has none. */
  readonly low: number | null;
  readonly high: number | null;
}

/** The chart as Vega-Lite, in the colours of paper, with its data in it. Lines without points must not be given. */
export function lineChart({ title, legend, field, axis, format, lines, rule }: LineChart): TopLevelSpec {
  const ordered = [...lines].sort((a, b) => lastValue(b) - lastValue(a));
  const labels = ordered.map((line) => line.label);
  const kernels = [...new Set(lines.map((line) => line.kernel))];
  const lengths = [...new Set(lines.flatMap((line) => line.points.map((point) => point.length)))];
  lengths.sort((a, b) => a - b);
  const reached = lines.flatMap((line) =>
    line.points.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value]),
  );
  if (rule !== undefined) reached.push(rule.value);
  const domain = [least(reached) / 1.15, most(reached) * 1.15];
  const ticks = logTicks(domain[0], domain[1]);
  // A lone length would leave the axis no width.
  const room = lengths.length === 1 ? 1.5 : 1;

  const x = {
    field: "length",
    type: "quantitative",
    title: "sequence length",
    scale: {
      type: "log",
      base: 2,
      nice: false,
      domain: [lengths[0] / room, lengths[lengths.length - 1] * room],
      padding: 12,
    },
    axis: { values: lengths, labelExpr: labelExpression(lengths, formatLength), labelOverlap: "greedy" },
  } as const;
  const yOf = (name: string) =>
    ({
      field: name,
      type: "quantitative",
      title: axis,
      scale: { type: "log", nice: false, domain },
      axis: { values: [...ticks], labelExpr: labelExpression(ticks, format) },
    }) as const;
  const color = {
    field: "series",
    type: "nominal",
    title: legend,
    scale: { domain: labels, range: ordered.map((line) => line.look.color) },
    legend: { columns: Math.ceil(labels.length / 26) },
  } as const;
  const shape = { ...color, scale: { domain: labels, range: ordered.map((line) => line.look.shape) } };
  const strokeDash = {
    field: "kernel",
    type: "nominal",
    title: "kernel",
    scale: { domain: kernels, range: kernels.map((_, index) => [...dashes[index % dashes.length]]) },
    legend: { symbolType: "stroke", symbolSize: 400, symbolStrokeColor: inks.text.light },
  } as const;

  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    title,
    width: 560,
    height: Math.max(360, Math.min(labels.length, 26) * 19),
    padding: { left: 12, top: 12, bottom: 12, right: 12 + Math.max(...labels.map(unforeseenWidth)) },
    background: inks.ground.light,
    data: {
      values: ordered.flatMap(({ label, kernel, points }) =>
        points.map(({ length, value, low, high }) => ({
          series: label,
          kernel,
          length,
          [field]: value,
          low,
          high,
        })),
      ),
    },
    layer: [
      ...(rule === undefined ? [] : ruleLayers(rule, yOf)),
      {
        transform: [{ filter: "datum.low !== null && datum.high !== null" }],
        mark: { type: "area", opacity: 0.2 },
        encoding: { x, y: yOf("low"), y2: { field: "high" }, color },
      },
      {
        mark: { type: "line", strokeWidth: 2 },
        encoding: { x, y: yOf(field), color, ...(kernels.length > 1 ? { strokeDash } : {}) },
      },
      {
        mark: { type: "point", filled: true, size: 65, opacity: 1 },
        encoding: { x, y: yOf(field), color, shape },
      },
    ],
    config,
  };
}
