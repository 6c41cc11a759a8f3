import { type MeanLine, meanLines, type PlacedCase } from "../means.ts";
import type { ErrorAxis } from "./error-axis.ts";
import { inks } from "./look.ts";
import {
  type Box,
  LABEL_SIZE,
  type Labelled,
  LINE,
  overlap,
  type PlacedLabel,
  widthOf,
} from "./place-labels.ts";

/** The line of a mean of v at one length, and where its text lies. */
export interface PlacedMean extends MeanLine {
  readonly length: number;
  readonly label: Pick<PlacedLabel, "x" | "y" | "align">;
  /** Where its text and its line are: no other label may lie there. */
  readonly box: Box;
  readonly line: Box;
}

/** Pixels between a text and its line, and between it and the edge of the chart. */
const NEAR = 3;
/** Half the room that a line takes. */
const STROKE = 1.5;
/** Pixels between two lines at least: a text has room between them. */
const APART = LINE + 2 * NEAR + STROKE;

/**
 * The lines of one length, of the cases that are known to have a mean of v, and their texts: at an end, above or below, where
 * no other line or its text and the fewest marks are in the way.
 */
export function placeMeans(
  length: number,
  cases: readonly PlacedCase[],
  { at }: ErrorAxis,
  marks: readonly Labelled[],
  width: number,
): readonly PlacedMean[] {
  const means = meanLines(cases, (error, other) => Math.abs(at(error) - at(other)) < APART);
  const boxes = marks.map(({ x, y, radius }) => ({
    left: x - radius,
    right: x + radius,
    top: y - radius,
    bottom: y + radius,
  }));
  const lineOf = ({ low, high }: MeanLine): Box => {
    const ends = [at(low), at(high)];
    return { left: 0, right: width, top: Math.min(...ends) - STROKE, bottom: Math.max(...ends) + STROKE };
  };
  const texts = new Map<MeanLine, Pick<PlacedMean, "label" | "box">>();
  // From the top, so that there always is room below the line.
  for (const mean of means.toSorted((a, b) => lineOf(a).top - lineOf(b).top)) {
    const line = lineOf(mean);
    const wide = widthOf(mean.text);
    const others = [
      ...means.filter((one) => one !== mean).map(lineOf),
      ...[...texts.values()].map(({ box }) => box),
    ];
    const places = [-1, 1].flatMap((side) =>
      (["left", "right"] as const).map((align) => {
        const middle =
          side < 0 ? line.top + STROKE - NEAR - LINE / 2 : line.bottom - STROKE + NEAR + LINE / 2;
        const x = align === "left" ? NEAR : width - NEAR;
        const left = align === "left" ? x : x - wide;
        const box: Box = { left, right: left + wide, top: middle - LINE / 2, bottom: middle + LINE / 2 };
        return {
          label: { x, y: middle, align },
          box,
          hidden: boxes.filter((one) => overlap(one, box)).length,
          lost: others.some((one) => overlap(one, box)) || box.top < 0,
        };
      }),
    );
    const seen = places.filter(({ lost }) => !lost);
    const best = (seen.length > 0 ? seen : places).reduce((a, b) => (b.hidden < a.hidden ? b : a));
    texts.set(mean, { label: best.label, box: best.box });
  }
  return means.flatMap((mean) => {
    const text = texts.get(mean);
    return text === undefined ? [] : [{ ...mean, ...text, line: lineOf(mean), length }];
  });
}

/**
 * The lines of the mean of v, those of one length at a time, with what is worse than the first shaded. One that stands for
 * errors apart is a band.
 */
export function meanLayers(means: readonly PlacedMean[], { channel, drawn, floor }: ErrorAxis) {
  if (means.length === 0) return [];
  const seen = new Set<number>();
  const values = means.map(({ length, error, low, high, text, label: { x, y, align } }) => {
    const first = !seen.has(length);
    seen.add(length);
    const ends = { low: drawn(low), high: drawn(high) };
    return { length, error: drawn(error), ...ends, text, first, label_x: x, label_y: y, align };
  });
  const data = { values };
  return [
    {
      data,
      transform: [{ filter: `${AT_LENGTH} && datum.first` }],
      mark: { type: "rect" as const, color: inks.grid.light, opacity: 0.45 },
      encoding: {
        x: { value: 0 },
        x2: { value: "width" as const },
        y: channel,
        y2: { value: floor ?? ("height" as const) },
      },
    },
    {
      data,
      transform: [{ filter: `${AT_LENGTH} && datum.low < datum.high` }],
      mark: { type: "rect" as const, color: inks.line.light, opacity: 0.25 },
      encoding: {
        x: { value: 0 },
        x2: { value: "width" as const },
        y: { ...channel, field: "low" },
        y2: { field: "high" },
      },
    },
    {
      data,
      transform: [{ filter: AT_LENGTH }],
      mark: { type: "rule" as const, color: inks.text.light, strokeDash: [6, 3] },
      encoding: { y: channel },
    },
    {
      data,
      transform: [{ filter: AT_LENGTH }],
      mark: {
        type: "text" as const,
        align: { expr: "datum.align" },
        fontSize: LABEL_SIZE,
        fontStyle: "italic" as const,
        color: inks.text.light,
      },
      encoding: {
        x: { value: { expr: "datum.label_x" } },
        y: { value: { expr: "datum.label_y" } },
        text: { field: "text", type: "nominal" as const },
      },
    },
  ];
}

/** Selects the cases of the length that the parameter of the chart names. */
export const AT_LENGTH = "datum.length === length";
