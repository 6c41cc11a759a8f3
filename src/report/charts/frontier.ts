import type { CaseRow } from "../../record/case-row.ts";
import { isBaseline } from "../../record/schema/baseline.ts";
import { isWorseThanMean } from "../../record/schema/beside-mean.ts";
import { formatBytes, formatCount, formatLength } from "../../text/format.ts";
import { FULL, isAgainstFull } from "../against.ts";
import { meanLines } from "../means.ts";
import type { Series } from "../series.ts";
import { isTimed, type TimedRow } from "../speed-up.ts";
import { lengthTitle, spanOf } from "./axes.ts";
import type { Chart } from "./chart.ts";
import { caseTooltip, detailsOf, tooltip } from "./details.ts";
import { type DrawnSeries, drawnSeries } from "./drawn-series.ts";
import { errorAxis } from "./error-axis.ts";
import { familyColours } from "./family-colours.ts";
import { leftOut } from "./left-out.ts";
import { drawable } from "./line-chart.ts";
import { inks } from "./look.ts";
import { AT_LENGTH, meanLayers, placeMeans } from "./mean-layers.ts";
import { sheet } from "./paper.ts";
import { type PixelAxis, pixelAxis } from "./pixel-axis.ts";
import { LABEL_SIZE, placeLabels } from "./place-labels.ts";
import { digitsOf, labelExpression, logTicks } from "./ticks.ts";

const title = "Speed against faithfulness";

const WIDTH = 640;
const HEIGHT = 460;
/** Pixels between the outermost bubbles' middles and the axes. */
const ROOM = 26;
/** Area of the smallest and the largest bubble, in square pixels. */
const SIZES = [40, 1200] as const;

/** A case with a place in the chart. */
interface Bubble {
  readonly series: DrawnSeries;
  readonly row: TimedRow;
  readonly speed: number;
  readonly error: number;
  readonly bytes: number;
}

/**
 * Each variant at one length: the style of figure 3 of Long Range Arena, Tay et al. 2020, arXiv 2011.04006.
 */
export const frontier: Chart = {
  id: "frontier",
  title,
  caption:
    "Cases of one length, the longest unless another is chosen: further right is faster, further up nearer to full " +
    "attention, and the area of a bubble grows with its workspace. The error is the relative distance to full attention " +
    "on the same input; what is measured against something else is left out. Below the line of the mean of v, which looks " +
    "at neither q nor k, it is larger than if all weights were alike. The dotted line is full attention's speed. A variant that no " +
    "model was trained for need not be near.",
  absent: "No case has both a time and an error against full attention, so there is nothing to draw.",
  spec(results) {
    const { rows } = results;
    const series = drawnSeries(rows);
    const bubbles = series.flatMap((one) => one.rows.flatMap((row) => bubbleOf(one, row)));
    if (bubbles.length === 0) return null;
    const x = pixelAxis(
      bubbles.map(({ speed }) => speed),
      WIDTH,
      ROOM,
    );
    const byLength = [...Map.groupBy(bubbles, ({ row }) => row.length)].sort(([a], [b]) => a - b);
    const lengths = byLength.map(([length]) => length);
    const y = errorAxis(
      bubbles.map(({ error }) => error),
      byLength.flatMap(([, some]) => meanLines(some)).map(({ error }) => error),
      { pixels: HEIGHT, room: ROOM, against: FULL },
    );
    const families = familyColours(results);
    const drawn = new Set(bubbles.map(({ series: { variant } }) => families.of(variant)));
    const colours = new Map([...families.colours].filter(([family]) => drawn.has(family)));
    const styles = [...new Set(bubbles.map(({ series: { style } }) => style))].sort();
    const [, most] = spanOf([1, ...bubbles.map(({ bytes }) => bytes)]);
    const at = byLength.map(([length, some]) => {
      const marks = some.map((one) => ({
        x: x.at(one.speed),
        y: y.at(one.error),
        radius: radiusOf(one.bytes, most),
        text: one.series.label,
      }));
      const means = placeMeans(length, meanLines(some), y, marks, WIDTH);
      const taken = means.flatMap((one) => one.taken);
      const labels = placeLabels(marks, { width: WIDTH, height: HEIGHT, taken });
      return { means, placed: some.map((bubble, index) => ({ bubble, label: labels[index] })) };
    });
    const placed = at.flatMap((one) => one.placed);
    const means = at.flatMap((one) => one.means);
    const channels = { x: speedChannel(x), y: y.channel };
    return {
      ...sheet(
        { expr: `"${title}, ${lengthTitle(rows)} " + ${labelExpression(lengths, formatLength, "length")}` },
        withoutError(series),
      ),
      // Another value selects another length.
      params: [{ name: "length", value: lengths[lengths.length - 1] }],
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
          worse: isWorseThanMean(row),
          hollow: styles.indexOf(one.style) % 2 === 1,
          ...(label !== null && { label_x: label.x, label_y: label.y, align: label.align }),
          ...(label !== null && label.lead !== null && { lead_x: label.lead.x, lead_y: label.lead.y }),
        })),
      },
      layer: [
        ...meanLayers(means, y),
        ...baselineLayer(bubbles, channels),
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
            size: {
              field: "bytes",
              type: "quantitative",
              title: "workspace",
              scale: { type: "linear", domain: [0, most], range: [...SIZES] },
              legend: {
                values: [most, most / 4, most / 16],
                labelExpr: labelExpression([most, most / 4, most / 16], formatBytes),
                symbolFillColor: inks.ground.light,
                symbolStrokeColor: inks.text.light,
              },
            },
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
  },
};

/** Opacity of what is worse than the mean of v. */
const DIMMED = 0.4;

/** A case that can be drawn: one with a time and an error. */
function bubbleOf(series: DrawnSeries, row: CaseRow): readonly Bubble[] {
  const error = row.fidelity_error;
  if (!isTimed(row) || error === null || !isAgainstFull(row)) return [];
  // Those of the output: queries, if they are other tokens than the keys.
  const speed = (row.batch * (row.queries ?? row.length)) / row.median_s;
  return drawable(speed) ? [{ series, row, speed, error, bytes: row.workspace_bytes ?? 0 }] : [];
}

/** Lines that name what was measured and has no error, or one against something else. */
function withoutError(series: readonly Series[]): readonly string[] {
  const without = series.filter(({ rows }) => {
    return rows.some(isTimed) && rows.every((row) => row.fidelity_error === null);
  });
  const apart = series.flatMap(({ label, rows }) =>
    rows.flatMap((row) =>
      isTimed(row) && row.fidelity_error !== null && !isAgainstFull(row) ? [{ label, row }] : [],
    ),
  );
  return leftOut(
    without.map(({ label }) => label),
    apart,
    FULL,
  );
}

function speedChannel({ domain }: PixelAxis) {
  const ticks = logTicks(...domain);
  const digits = digitsOf(ticks, formatCount);
  return {
    field: "speed",
    type: "quantitative" as const,
    title: "tokens per second",
    scale: { type: "log" as const, nice: false, domain: [...domain] },
    axis: { values: [...ticks], labelExpr: labelExpression(ticks, (tick) => formatCount(tick, digits)) },
  };
}

function familyChannel(colours: ReadonlyMap<string, string>) {
  return {
    field: "family",
    type: "nominal" as const,
    title: "family",
    scale: { domain: [...colours.keys()], range: [...colours.values()] },
  };
}

/** As Vega draws a circle of that size. */
function radiusOf(bytes: number, most: number): number {
  const [least, largest] = SIZES;
  return Math.sqrt(least + ((largest - least) * bytes) / most) / 2;
}

/** Where full attention's speed is, if there is one at a length: what is to the right of it is faster. */
function baselineLayer(bubbles: readonly Bubble[], { x }: { readonly x: ReturnType<typeof speedChannel> }) {
  const values = bubbles
    .filter(({ series }) => isBaseline(series))
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
