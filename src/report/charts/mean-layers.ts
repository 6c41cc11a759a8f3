import type { MeanLine } from "../means.ts";
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
  /** Where no other label may lie. */
  readonly taken: readonly Box[];
}

/** Pixels between a text and its line, and between it and the edge of the chart. */
const NEAR = 3;
/** Half the room that a line takes. */
const STROKE = 1.5;

/** Places the texts of the lines of one length: at an end, above or below, where the fewest marks are in the way. */
export function placeMeans(
  length: number,
  means: readonly MeanLine[],
  { at }: ErrorAxis,
  marks: readonly Labelled[],
  width: number,
): readonly PlacedMean[] {
  const boxes = marks.map(({ x, y, radius }) => ({
    left: x - radius,
    right: x + radius,
    top: y - radius,
    bottom: y + radius,
  }));
  const placed: PlacedMean[] = [];
  for (const mean of means) {
    const y = at(mean.error);
    const wide = widthOf(mean.text);
    const others = [...boxes, ...placed.flatMap(({ taken }) => taken)];
    const places = [-1, 1].flatMap((side) =>
      (["left", "right"] as const).map((align) => {
        const middle = y + side * (LINE / 2 + NEAR);
        const x = align === "left" ? NEAR : width - NEAR;
        const left = align === "left" ? x : x - wide;
        const box: Box = { left, right: left + wide, top: middle - LINE / 2, bottom: middle + LINE / 2 };
        return {
          label: { x, y: middle, align },
          box,
          hidden: others.filter((one) => overlap(one, box)).length,
        };
      }),
    );
    const best = places.reduce((a, b) => (b.hidden < a.hidden ? b : a));
    const line: Box = { left: 0, right: width, top: y - STROKE, bottom: y + STROKE };
    placed.push({ ...mean, length, label: best.label, taken: [best.box, line] });
  }
  return placed;
}

/** The lines of the mean of v, those of one length at a time, with what is worse than the first shaded. */
export function meanLayers(means: readonly PlacedMean[], { channel, drawn, floor }: ErrorAxis) {
  if (means.length === 0) return [];
  const seen = new Set<number>();
  const values = means.map(({ length, error, text, label: { x, y, align } }) => {
    const first = !seen.has(length);
    seen.add(length);
    return { length, error: drawn(error), text, first, label_x: x, label_y: y, align };
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
