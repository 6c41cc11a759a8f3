import { textWidth } from "../../../text/text-width.ts";

// Shared by the pictures and the page's script: imports only what both have.

/** The last point of a line, whose name stands beside it. */
export interface LineEnd {
  /** `Series.label`; null for a line that is no series, which is always named. */
  readonly series: string | null;
  readonly name: string;
  /** Whether it is what others are compared with. */
  readonly emphasised: boolean;
  readonly length: number;
  /** Of the quantity. */
  readonly value: number;
}

/** What is needed to name the lines of a chart at their ends, whatever its size. */
export interface Ends {
  /** In the order in which the lines take precedence where there is no room for all. */
  readonly ends: readonly LineEnd[];
  /** What the logarithmic axes span. */
  readonly x: readonly [least: number, most: number];
  readonly y: readonly [least: number, most: number];
}

/** How names are written: the size of their letters, and how wide they may be, in pixels. */
export interface NameFont {
  readonly fontSize: number;
  readonly most: number;
}

/** A chart's plot in pixels, without axes and names. */
export interface Plot {
  readonly width: number;
  readonly height: number;
  /** Pixels between the axis' ends and the outermost lengths. */
  readonly padding: number;
}

/** The name of a line: pixels from the plot's upper left corner. */
export interface EndLabel {
  readonly series: string | null;
  readonly emphasised: boolean;
  /** The name, cut where it is wider than names may be. */
  readonly text: string;
  readonly end_x: number;
  readonly end_y: number;
  /** Of the mark before the name, and of the name's left end. */
  readonly mark_x: number;
  readonly text_x: number;
  /** The middle of its line. */
  readonly text_y: number;
}

/** Pixels from the plot's right edge to the mark of a name, and from there to the name. */
const TO_MARK = 16;
const TO_TEXT = 9;
/** Heights of a line of text, in its size. */
const LINE = 1.25;

/** The names of the lines in `shown`, beside the plot: none overlaps another, each as near its line's end as that allows. */
export function endLabels(
  { ends, x, y }: Ends,
  shown: ReadonlySet<string>,
  plot: Plot & NameFont,
): readonly EndLabel[] {
  const { width, height, fontSize, most } = plot;
  const named = namedIn(ends, shown);
  const placed = named.map(({ length, value }) => ({
    end_x: xAt(length, x, plot),
    end_y: yAt(value, y, plot),
  }));
  const middles = spread(
    placed.map(({ end_y }) => end_y),
    LINE * fontSize,
    [0, height],
  );
  return named.flatMap(({ series, name, emphasised }, at) => {
    const middle = middles[at];
    if (middle === null) return [];
    const mark_x = width + TO_MARK;
    const text = cutToWidth(name, fontSize, most);
    return [
      {
        series,
        emphasised,
        text,
        ...rounded({ ...placed[at], mark_x, text_x: mark_x + TO_TEXT, text_y: middle }),
      },
    ];
  });
}

/** Pixels that the names of the lines in `shown` take beside a plot. */
export function roomOf({ ends }: Ends, shown: ReadonlySet<string>, { fontSize, most }: NameFont): number {
  const widths = namedIn(ends, shown).map(({ name }) =>
    textWidth(cutToWidth(name, fontSize, most), fontSize),
  );
  return TO_MARK + TO_TEXT + Math.max(0, ...widths);
}

function namedIn(ends: readonly LineEnd[], shown: ReadonlySet<string>): readonly LineEnd[] {
  return ends.filter(({ series }) => series === null || shown.has(series));
}

/**
 * Places on a line that are at least `gap` apart, within the ends, and as near to those wanted as that allows, by the sum
 * of squares. Where there is no room for all, the last of those wanted have none: null.
 */
export function spread(
  wanted: readonly number[],
  gap: number,
  [low, high]: readonly [number, number],
): readonly (number | null)[] {
  const fitting = wanted.slice(0, Math.max(0, Math.floor((high - low) / gap + 1e-9) + 1));
  const order = fitting.map((_, at) => at).sort((a, b) => fitting[a] - fitting[b] || a - b);
  // Less the gaps before it each place need only not be below the one before: isotonic regression, by merging neighbours
  // that are out of order. Cutting off what is beyond the ends keeps it the nearest.
  const blocks: { sum: number; count: number }[] = [];
  for (const [rank, at] of order.entries()) {
    let block = { sum: fitting[at] - rank * gap, count: 1 };
    for (let last = blocks.at(-1); last !== undefined && mean(last) > mean(block); last = blocks.at(-1)) {
      blocks.pop();
      block = { sum: last.sum + block.sum, count: last.count + block.count };
    }
    blocks.push(block);
  }
  const room = high - low - (order.length - 1) * gap;
  const placed = new Map<number, number>();
  for (const block of blocks) {
    const start = Math.min(Math.max(mean(block), low), low + room);
    for (let member = 0; member < block.count; member++) {
      const rank = placed.size;
      placed.set(order[rank], start + rank * gap);
    }
  }
  return wanted.map((_, at) => placed.get(at) ?? null);
}

/** A name that takes no more pixels than that: of a longer one both ends, since a setting that tells it apart comes last. */
export function cutToWidth(name: string, fontSize: number, most: number): string {
  if (textWidth(name, fontSize) <= most) return name;
  const characters = [...name];
  for (let kept = characters.length - 1; kept > 1; kept--) {
    const first = Math.ceil((2 * kept) / 3);
    const cut = `${characters.slice(0, first).join("").trimEnd()}…${characters.slice(characters.length - kept + first).join("")}`;
    if (textWidth(cut, fontSize) <= most) return cut;
  }
  return `${characters[0]}…`;
}

/** Pixels from the plot's left edge to a length, of an axis that spans `lengths`. */
export function xAt(length: number, lengths: Ends["x"], { width, padding }: Plot): number {
  return padding + (width - 2 * padding) * shareOf(length, lengths);
}

/** Pixels from the plot's upper edge to a value, of an axis that spans `values`. */
export function yAt(value: number, values: Ends["y"], { height }: Plot): number {
  return height * (1 - shareOf(value, values));
}

/** How far along a logarithmic axis a value is, from 0 to 1. */
function shareOf(value: number, [least, most]: readonly [number, number]): number {
  return (Math.log(value) - Math.log(least)) / (Math.log(most) - Math.log(least));
}

function mean({ sum, count }: { sum: number; count: number }): number {
  return sum / count;
}

/** Tenths of a pixel are more than is seen. */
function rounded<Key extends string>(pixels: Readonly<Record<Key, number>>): Readonly<Record<Key, number>> {
  const entries = Object.entries<number>(pixels).map(([key, value]) => [key, Math.round(10 * value) / 10]);
  return Object.fromEntries(entries);
}
