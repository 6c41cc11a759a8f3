import type { TopLevelSpec } from "vega-lite";
import { formatLength, formatSeconds } from "../../../text/format.ts";
import { againstOf, apartOf, FULL } from "../../against.ts";
import { valueText } from "../../curves.ts";
import { PIXELS } from "../../looks/paper-look.ts";
import { meanLines } from "../../means.ts";
import type { Words } from "../../words.ts";
import { lengthTitle } from "../axes.ts";
import { caseTooltip, detailsOf, tooltip } from "../details.ts";
import type { SeriesSource } from "../drawn-series.ts";
import { errorAxis } from "../error-axis.ts";
import { leftOut } from "../left-out.ts";
import { inks } from "../look.ts";
import { AT_LENGTH, meanLayers, placeMeans } from "../mean-layers.ts";
import { sheet } from "../paper.ts";
import { pixelAxis } from "../pixel-axis.ts";
import { LABEL_SIZE, type Labelled, placeLabels, type Segment } from "../place-labels.ts";
import { seriesChannels, styleChannel } from "../series-channels.ts";
import { digitsOf, labelExpression, logTicks } from "../ticks.ts";
import { type CurveCase, curveCases } from "./cases.ts";
import { valueAxis } from "./value-axis.ts";

/** What a chart of curves shows: one line a curve, at one length. */
export interface CurveChart {
  readonly title: string;
  readonly x: "value" | "seconds";
  readonly y: "error" | "seconds";
}

const WIDTH = 560;
const HEIGHT = 360;
const ROOM = 20;
/** Pixels from a mark's middle to its edge. */
const RADIUS = 5;

/** The chart as Vega-Lite; null if there is no curve of which it shows anything. */
export function curveChart(
  results: SeriesSource,
  words: Pick<Words, "time" | "fullLength">,
  { title, x: across, y: up }: CurveChart,
): TopLevelSpec | null {
  const whole = curveCases(results);
  const against = commonYardstick(whole.flatMap((at) => at.cases));
  const shown = (one: CurveCase) => up !== "error" || againstOf(one.row) === against;
  const all = whole
    .map((at) => {
      const known = [...at.baselines, ...at.cases].filter(({ row }) => againstOf(row) === against);
      return { ...at, cases: at.cases.filter(shown), known };
    })
    .filter(({ cases }) => cases.length > 0);
  const cases = all.flatMap((at) => at.cases);
  if (cases.length === 0) return null;
  const lengths = all.map(({ length }) => length);
  const held = all.flatMap(({ length, baselines }) => baselines.map((one) => ({ ...one, length })));
  const curves = [...new Set(cases.map(({ curve }) => curve))];
  const apart = whole
    .flatMap((at) => at.cases)
    .filter((one) => !shown(one) && one.row.fidelity_error !== null)
    .map(({ curve, row }) => ({ label: curve.label, row }));
  const without = new Set(whole.flatMap((at) => at.cases.map(({ curve }) => curve.label)));
  for (const { label } of [...curves, ...apart]) without.delete(label);
  const absent = { against, without: [...without], apart: apartOf(apart) };
  const parameters = new Set(curves.map(({ parameter }) => parameter));
  const times = [...cases, ...held].map(({ row }) => row.median_s);
  const values = valueAxis(
    cases.map(({ value }) => value),
    parameters.size === 1 ? [...parameters][0] : "value of the parameter",
    { pixels: WIDTH, room: ROOM },
  );
  const errors = errorAxis(
    cases.flatMap(({ row }) => row.fidelity_error ?? []),
    all.flatMap(({ known }) => meanLines(known).map(({ error }) => error)),
    { pixels: HEIGHT, room: ROOM, against },
  );
  const timesAcross = timeAxis(times, words.time, WIDTH);
  const timesUp = timeAxis(times, words.time, HEIGHT);
  const x = across === "value" ? values.channel : timesAcross.channel;
  const y = up === "error" ? errors.channel : timesUp.channel;
  const placed = all.map((at) => {
    const marks = at.cases.map((one) => ({
      x: across === "value" ? values.at(one.value) : timesAcross.at(one.row.median_s),
      y: up === "error" ? errors.at(one.row.fidelity_error ?? 0) : HEIGHT - timesUp.at(one.row.median_s),
      radius: RADIUS,
      text: valueText(one.value),
    }));
    const means = up === "error" ? placeMeans(at.length, at.known, errors, marks, WIDTH) : [];
    const ofMeans = { taken: means.map(({ box }) => box), across: means.map(({ line }) => line) };
    // Where values have an axis, points need none.
    const labels =
      across === "value"
        ? []
        : placeLabels(marks, {
            width: WIDTH,
            height: HEIGHT,
            ...ofMeans,
            drawn: linesOf(at.cases, marks),
          });
    return { means, points: at.cases.map((one, index) => ({ ...one, label: labels[index] ?? null })) };
  });
  const entries = curves.map(({ label, look }) => ({ text: label, look }));
  const { color, shape } = seriesChannels("line", "curve", entries);
  const strokeDash = styleChannel(curves.map(({ style }) => style || "measured"));
  return {
    ...sheet(
      {
        expr: `"${title}, ${lengthTitle(results.rows, words.fullLength)} " + ${labelExpression(lengths, formatLength, "length")}`,
      },
      leftOut(absent),
    ),
    params: [{ name: "length", value: lengths[lengths.length - 1] }],
    usermeta: { places: PIXELS, leftOut: absent },
    width: WIDTH,
    height: HEIGHT,
    data: {
      values: placed
        .flatMap(({ points }) => points)
        .map(({ curve, series, row, value, label }) => ({
          ...detailsOf(series, row),
          line: curve.label,
          ...(strokeDash === null ? {} : { style: curve.style || "measured" }),
          value,
          text: valueText(value),
          seconds: row.median_s,
          ...(row.fidelity_error !== null && { error: errors.drawn(row.fidelity_error) }),
          ...(label !== null && { label_x: label.x, label_y: label.y, align: label.align }),
        })),
    },
    layer: [
      ...meanLayers(
        placed.flatMap(({ means }) => means),
        errors,
      ),
      ...baselineLayers(
        held.map(({ series, row, length }) => ({
          variant: series.variantLabel,
          series: series.label,
          length,
          seconds: row.median_s,
        })),
        across === "seconds" ? { x } : up === "seconds" ? { y } : null,
      ),
      {
        transform: [{ filter: AT_LENGTH }],
        mark: { type: "line", strokeWidth: 2 },
        encoding: {
          x,
          y,
          color,
          order: { field: "value", type: "quantitative" },
          ...(strokeDash === null ? {} : { strokeDash }),
        },
      },
      {
        transform: [{ filter: AT_LENGTH }],
        mark: { type: "point", filled: true, size: 65, opacity: 1 },
        encoding: { x, y, color, shape, tooltip: [...tooltip({ text: "value" }), ...caseTooltip] },
      },
      ...(across === "value" ? [] : [{ ...labelLayer, encoding: { ...labelLayer.encoding, color } }]),
    ],
  };
}

/** What the errors in a chart are against: full attention, or if none is against that, what the first one is against. */
function commonYardstick(cases: readonly CurveCase[]): string {
  const all = cases.flatMap(({ row }) => againstOf(row) ?? []);
  return all.includes(FULL) ? FULL : (all[0] ?? FULL);
}

/** The lines from each case of a curve to the next. */
function linesOf(cases: readonly CurveCase[], marks: readonly Labelled[]): readonly Segment[] {
  return cases.slice(1).flatMap((one, index) => {
    return one.curve === cases[index].curve ? [{ from: marks[index], to: marks[index + 1] }] : [];
  });
}

const labelLayer = {
  transform: [{ filter: `${AT_LENGTH} && isValid(datum.label_x)` }],
  mark: {
    type: "text" as const,
    fontSize: LABEL_SIZE,
    align: { expr: "datum.align" },
  },
  encoding: {
    x: { value: { expr: "datum.label_x" } },
    y: { value: { expr: "datum.label_y" } },
    text: { field: "text", type: "nominal" as const },
  },
};

function timeAxis(seconds: readonly number[], title: string, pixels: number) {
  const { domain, at } = pixelAxis(seconds, pixels, ROOM);
  const ticks = logTicks(...domain);
  const digits = digitsOf(ticks, formatSeconds);
  const channel = {
    field: "seconds",
    type: "quantitative" as const,
    title,
    scale: { type: "log" as const, nice: false, domain: [...domain] },
    axis: { values: [...ticks], labelExpr: labelExpression(ticks, (tick) => formatSeconds(tick, digits)) },
  };
  return { at, channel };
}

type TimeChannel = ReturnType<typeof timeAxis>["channel"];

/** The baseline's time across the chart: down it if times are on the lower axis. */
function baselineLayers(
  values: readonly { series: string; variant: string; length: number; seconds: number }[],
  channels: object | null,
) {
  if (values.length === 0 || channels === null) return [];
  const data = { values: [...values] };
  return [
    {
      data,
      transform: [{ filter: AT_LENGTH }],
      mark: { type: "rule" as const, color: inks.line.light, strokeDash: [2, 2] },
      encoding: channels as { x: TimeChannel },
    },
    {
      data,
      transform: [{ filter: AT_LENGTH }],
      mark: {
        type: "text" as const,
        fontSize: LABEL_SIZE,
        color: inks.text.light,
        align: "right" as const,
        baseline: "bottom" as const,
        dx: -4,
        dy: -3,
      },
      encoding: {
        x: { value: "width" as const },
        y: { value: "height" as const },
        ...channels,
        text: { field: "series", type: "nominal" as const },
      },
    },
  ];
}
