import type { TopLevelSpec } from "vega-lite";
import type { Results } from "../../record/case-row.ts";
import { isFullAttention } from "../../record/schema/baseline.ts";
import { isWorseThanMean } from "../../record/schema/beside-mean.ts";
import { formatBytes, formatLength } from "../../text/format.ts";
import { FULL } from "../against.ts";
import { PIXELS } from "../looks/paper-look.ts";
import { meanLines } from "../means.ts";
import type { TimedRow } from "../speed-up.ts";
import { lengthTitle, spanOf } from "./axes.ts";
import { caseTooltip, detailsOf, tooltip } from "./details.ts";
import type { DrawnSeries } from "./drawn-series.ts";
import { errorAxis } from "./error-axis.ts";
import { familiesOf, familyColour } from "./family-looks.ts";
import { type LeftOut, leftOut } from "./left-out.ts";
import { inks } from "./look.ts";
import { AT_LENGTH, meanLayers, placeMeans } from "./mean-layers.ts";
import { sheet } from "./paper.ts";
import { type PixelAxis, pixelAxis } from "./pixel-axis.ts";
import { LABEL_SIZE, placeLabels } from "./place-labels.ts";
import { digitsOf, labelExpression, logTicks } from "./ticks.ts";

const WIDTH = 640;
const HEIGHT = 460;
/** Pixels between the outermost bubbles' middles and the axes. */
const ROOM = 26;
/** Area of the smallest and the largest bubble, in square pixels. */
const SIZES = [40, 1200] as const;

/** A case with a place in the chart. */
export interface Bubble {
  readonly series: DrawnSeries;
  readonly row: TimedRow;
  readonly speed: number;
  /** Against full attention; null if it has none, which puts it on a line of its own. */
  readonly error: number | null;
  readonly bytes: number;
}

/** What one chart of bubbles shows. */
export interface BubbleChart {
  readonly title: string;
  /** What lines below the title name; nothing if omitted. */
  readonly leftOut?: LeftOut;
  /** The axis of speeds. */
  readonly speed: { readonly title: string; readonly format: (speed: number, digits: number) => string };
  /** Where its bubbles come from, for their legend of colours. */
  readonly results: Results;
}

/**
 * Variants at one length, speed against faithfulness, the area of a bubble being its workspace. At least one bubble.
 */
export function bubbleChart(bubbles: readonly Bubble[], chart: BubbleChart): TopLevelSpec {
  const { title, leftOut: absent, results } = chart;
  const x = pixelAxis(
    bubbles.map(({ speed }) => speed),
    WIDTH,
    ROOM,
  );
  const byLength = [...Map.groupBy(bubbles, ({ row }) => row.length)].sort(([a], [b]) => a - b);
  const lengths = byLength.map(([length]) => length);
  const y = errorAxis(
    bubbles.map(({ error }) => error),
    byLength.flatMap(([, some]) => meanLines(withError(some))).map(({ error }) => error),
    { pixels: HEIGHT, room: ROOM, against: FULL },
  );
  const families = familiesOf(results);
  const drawn = new Set(bubbles.map(({ series: { variant } }) => families.of(variant)));
  const colours = new Map(
    families.all.filter((family) => drawn.has(family)).map((family) => [family, familyColour(family)]),
  );
  const styles = [...new Set(bubbles.map(({ series: { style } }) => style))].sort();
  const [, most] = spanOf([1, ...bubbles.map(({ bytes }) => bytes)]);
  const at = byLength.map(([length, some]) => {
    const marks = some.map((one) => ({
      x: x.at(one.speed),
      y: y.at(one.error),
      radius: radiusOf(one.bytes, most),
      text: one.series.label,
    }));
    const means = placeMeans(length, withError(some), y, marks, WIDTH);
    const taken = means.map(({ box }) => box);
    const across = means.map(({ line }) => line);
    const labels = placeLabels(marks, { width: WIDTH, height: HEIGHT, taken, across });
    return { means, placed: some.map((bubble, index) => ({ bubble, label: labels[index] })) };
  });
  const placed = at.flatMap((one) => one.placed);
  const means = at.flatMap((one) => one.means);
  const channels = { x: speedChannel(x, chart.speed), y: y.channel };
  return {
    ...sheet(
      {
        expr: `"${title}, ${lengthTitle(results.rows)} " + ${labelExpression(lengths, formatLength, "length")}`,
      },
      absent === undefined ? [] : leftOut(absent),
    ),
    // Another value selects another length.
    params: [{ name: "length", value: lengths[lengths.length - 1] }],
    usermeta: { places: PIXELS, ...(absent !== undefined && { leftOut: absent }) },
    width: WIDTH,
    height: HEIGHT,
    data: {
      values: placed.map(({ bubble: { series: one, row, speed, error, bytes }, label }) => ({
        ...detailsOf(one, row),
        family: families.of(one.variant),
        speed,
        error: y.drawn(error),
        bytes,
        workspace: row.workspace_bytes === null ? "–" : formatBytes(row.workspace_bytes),
        worse: error !== null && isWorseThanMean(row),
        hollow: styles.indexOf(one.style) % 2 === 1,
        ...(label !== null && { label_x: label.x, label_y: label.y, align: label.align }),
        ...(label !== null && label.lead !== null && { lead_x: label.lead.x, lead_y: label.lead.y }),
      })),
    },
    layer: [
      ...meanLayers(means, y),
      ...fullLayer(bubbles, channels),
      {
        transform: [{ filter: `${AT_LENGTH} && isValid(datum.lead_x)` }],
        mark: { type: "rule", color: inks.line.light, strokeWidth: 1 },
        encoding: {
          ...channels,
          x2: { value: { expr: "datum.lead_x" } },
          y2: { value: { expr: "datum.lead_y" } },
        },
      },
      {
        transform: [{ filter: AT_LENGTH }],
        mark: { type: "point", strokeWidth: 1.5 },
        encoding: {
          ...channels,
          stroke: familyChannel(colours),
          fill: familyChannel(colours),
          fillOpacity: { condition: { test: "datum.hollow", value: 0 }, value: 0.7 },
          opacity: { condition: { test: "datum.worse", value: DIMMED }, value: 1 },
          size: bytesChannel(most),
          // Small bubbles over large ones.
          order: { field: "bytes", type: "quantitative", sort: "descending" },
          tooltip: [...caseTooltip, ...tooltip({ family: "family", workspace: "workspace" })],
        },
      },
      {
        transform: [{ filter: `${AT_LENGTH} && isValid(datum.label_x)` }],
        mark: {
          type: "text",
          fontSize: LABEL_SIZE,
          color: inks.text.light,
          align: { expr: "datum.align" },
        },
        encoding: {
          x: { value: { expr: "datum.label_x" } },
          y: { value: { expr: "datum.label_y" } },
          text: { field: "series", type: "nominal" },
          opacity: { condition: { test: "datum.worse", value: 0.7 }, value: 1 },
        },
      },
    ],
  };
}

/** Those whose error is against full attention: of these the mean of v is drawn. */
function withError(bubbles: readonly Bubble[]): readonly Bubble[] {
  return bubbles.filter(({ error }) => error !== null);
}

/** Opacity of what is worse than the mean of v. */
const DIMMED = 0.4;

/** The channel of speeds over a baseline. */
export function speedChannel({ domain }: PixelAxis, { title, format }: BubbleChart["speed"]) {
  const ticks = logTicks(...domain);
  const digits = digitsOf(ticks, format);
  return {
    field: "speed",
    type: "quantitative" as const,
    title,
    scale: { type: "log" as const, nice: false, domain: [...domain] },
    axis: { values: [...ticks], labelExpr: labelExpression(ticks, (tick) => format(tick, digits)) },
  };
}

/** The channel of families by their colours, with a legend. */
export function familyChannel(colours: ReadonlyMap<string, string>) {
  return {
    field: "family",
    type: "nominal" as const,
    title: "family",
    scale: { domain: [...colours.keys()], range: [...colours.values()] },
  };
}

/** The channel of bytes as areas, with a legend. */
export function bytesChannel(most: number) {
  const values = [most, most / 4, most / 16];
  return {
    field: "bytes",
    type: "quantitative" as const,
    title: "workspace",
    scale: { type: "linear" as const, domain: [0, most], range: [...SIZES] },
    legend: {
      values,
      labelExpr: labelExpression(values, formatBytes),
      symbolFillColor: inks.ground.light,
      symbolStrokeColor: inks.text.light,
    },
  };
}

/** As Vega draws a circle of that size. */
export function radiusOf(bytes: number, most: number): number {
  const [least, largest] = SIZES;
  return Math.sqrt(least + ((largest - least) * bytes) / most) / 2;
}

/** Where full attention's speed is, if there is one at a length: what is to the right of it is faster. */
function fullLayer(bubbles: readonly Bubble[], { x }: { readonly x: ReturnType<typeof speedChannel> }) {
  const values = bubbles
    .filter(({ series }) => isFullAttention(series))
    .map(({ series, row, speed }) => ({
      variant: series.variantLabel,
      series: series.label,
      length: row.length,
      speed,
    }));
  if (values.length === 0) return [];
  return [
    {
      data: { values },
      transform: [{ filter: AT_LENGTH }],
      mark: { type: "rule" as const, color: inks.line.light, strokeDash: [2, 2] },
      encoding: { x },
    },
  ];
}
