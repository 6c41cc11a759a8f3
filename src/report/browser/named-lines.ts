import type { Spec, View } from "vega";
import { type Ends, endLabels, roomOf, xAt, yAt } from "../charts/hero/end-labels.ts";
import { LABELS } from "../charts/hero/names.ts";
import { nearestLine, type Place } from "../charts/hero/nearest-line.ts";
import { plotOffset } from "./plot-offset.ts";

/** A chart whose lines are named at their ends. */
export interface NamedLines {
  /** Names these lines, those that count most first, and no others. */
  name(shown: readonly string[]): Promise<void>;
  /** Fits the chart to so many pixels, null for the width of its figure. */
  fit(width: number | null): void;
  /** The line that a place in the window points at; null if there is none. */
  lineAt(place: Pick<MouseEvent, "clientX" | "clientY">): string | null;
}

const FONT_SIZE = 12;
const PADDING = 12;
/** Pixels of a plot's height in a wide window, and in one narrower than that. */
const LOW = 290;
const HIGH = 400;
const NARROW = 600;
/** The part of the chart that a name may take, in a wide window and a narrow one, and the most and the least pixels. */
const SHARE = 0.22;
const NARROW_SHARE = 0.52;
const MOST = 380;
const LEAST = 60;
/** Pixels from the pointer to a line that it points at. */
const REACH = 14;
/** Pixels of a plot at least. */
const NARROWEST = 90;

/** Fits a chart to the width of its figure, and its names to what is shown. */
export function namedLines(
  view: View,
  ends: Ends,
  rows: ReadonlyMap<string, readonly Place[]>,
  figure: HTMLElement,
): NamedLines {
  // Its width is the figure's, whatever the style sheet says of others.
  figure.classList.add("fitted");
  let names: readonly string[] = [];
  /** Pixels beside the plot and its names: the axis, which is known once it is drawn. */
  let axis = 80;
  let wide = 0;

  async function place(): Promise<void> {
    const font = {
      fontSize: FONT_SIZE,
      most: Math.max(LEAST, Math.min(MOST, (wide < NARROW ? NARROW_SHARE : SHARE) * wide)),
    };
    const shown = new Set(names);
    const room = roomOf(ends, shown, font);
    for (let pass = 0; pass < 2; pass++) {
      const width = Math.max(NARROWEST, wide - axis - room);
      const labels = endLabels(inOrder(ends, names), shown, {
        width,
        height: view.height(),
        padding: PADDING,
        ...font,
      });
      view.width(width).data(LABELS, [...labels]);
      await view.runAsync();
      const excess = drawnWidth(view) - wide;
      if (excess === 0 || width === NARROWEST) return;
      axis += excess;
    }
  }

  const widen = (width: number) => {
    if (width <= 0 || width === wide) return;
    wide = width;
    view.height(wide < NARROW ? HIGH : LOW);
    place();
  };
  // Two pixels are its frame.
  const fitFigure = () => widen(figure.clientWidth - 2);
  new ResizeObserver(fitFigure).observe(figure);

  return {
    fit(width) {
      if (width === null) fitFigure();
      else widen(width);
    },
    name(shown) {
      names = shown;
      return wide > 0 ? place() : Promise.resolve();
    },
    lineAt({ clientX, clientY }) {
      const picture = view.container()?.querySelector("svg");
      if (picture === null || picture === undefined) return null;
      const { left, top } = picture.getBoundingClientRect();
      const [right, down] = plotOffset(view);
      const plot = { width: view.width(), height: view.height(), padding: PADDING };
      const lines = new Map(
        [...rows].map(([name, points]) => [
          name,
          points.map(({ x, y }) => ({ x: xAt(x, ends.x, plot), y: yAt(y, ends.y, plot) })),
        ]),
      );
      return nearestLine(lines, { x: clientX - left - right, y: clientY - top - down }, REACH);
    },
  };
}

/** The ends of the lines named, in that order, and those that are always named. */
function inOrder(ends: Ends, names: readonly string[]): Ends {
  const byName = new Map(ends.ends.map((end) => [end.series, end]));
  return {
    ...ends,
    ends: [
      ...names.flatMap((name) => byName.get(name) ?? []),
      ...ends.ends.filter(({ series }) => series === null),
    ],
  };
}

function drawnWidth(view: View): number {
  return Number(view.container()?.querySelector("svg")?.getAttribute("width"));
}

/** By series, the lengths and times of a chart's rows. */
export function pointsOf({ data = [] }: Spec): ReadonlyMap<string, readonly Place[]> {
  const rows = data.flatMap((one) => ("values" in one && Array.isArray(one.values) ? one.values : []));
  const points = rows.flatMap(({ series, length, seconds }) =>
    typeof series === "string" && typeof seconds === "number"
      ? [{ series, x: Number(length), y: seconds }]
      : [],
  );
  return Map.groupBy(points, ({ series }) => series);
}
