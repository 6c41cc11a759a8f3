/** A point of a chart that has a label; all in pixels from the chart's upper left corner. */
export interface Labelled {
  readonly x: number;
  readonly y: number;
  /** Of the mark. */
  readonly radius: number;
  readonly text: string;
}

/** Where a label lies. */
export interface PlacedLabel {
  /** Of its text, the left end, the middle or the right end, as `align` says. */
  readonly x: number;
  /** The middle of its line. */
  readonly y: number;
  readonly align: "left" | "center" | "right";
  /** The point of its edge that a line from the mark leads to; null if it touches the mark. */
  readonly lead: { readonly x: number; readonly y: number } | null;
}

export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Size of the letters of labels, in pixels. */
export const LABEL_SIZE = 11;
/** Pixels that a letter takes at most, on average: names are mostly lower case. */
const LETTER = 0.6 * LABEL_SIZE;
export const LINE = 1.25 * LABEL_SIZE;

/** Pixels between a mark and its label: beyond the first of them, a line joins the two. */
const GAPS = [2, 10, 20, 32, 46, 62, 80, 100, 124];
/** Directions in which a label is looked for: to the right first, then to the left, above and below. */
const DIRECTIONS = [
  0, 16, 24, 8, 28, 4, 20, 12, 30, 2, 18, 14, 26, 22, 6, 10, 31, 1, 17, 15, 25, 23, 7, 9, 29, 3, 19, 13, 27,
  21, 5, 11,
].map((part) => (part * Math.PI) / 16);

/** What labels have to do with besides their points. */
export interface LabelArea {
  readonly width: number;
  readonly height: number;
  /** Where no label may lie. */
  readonly taken?: readonly Box[];
  /** Where none may lie either, but a line from a mark to its label may pass. */
  readonly across?: readonly Box[];
  /** Lines that labels rather do not lie on. */
  readonly drawn?: readonly Segment[];
}

/**
 * Places the labels of points so that none overlaps another, a mark, or what is taken, and none leaves the chart:
 * near its mark if there is room, otherwise further away. Crowded points come first, and before them those that
 * found no place when others had taken theirs. Where there is no other place a label may lie over lines and marks of
 * others, or its line go over a label; null if even that leaves none.
 */
export function placeLabels(points: readonly Labelled[], area: LabelArea): readonly (PlacedLabel | null)[] {
  const crowd = points.map((one) => points.filter((other) => distance(one, other) < CROWDED).length);
  let order = points.map((_, index) => index).sort((a, b) => crowd[b] - crowd[a] || a - b);
  let best = placedIn(order, points, area);
  for (let attempt = 1; attempt < ATTEMPTS && missing(best).length > 0; attempt++) {
    const failed = missing(best);
    order = [...failed, ...order.filter((index) => !failed.includes(index))];
    const next = placedIn(order, points, area);
    if (missing(next).length < failed.length) best = next;
  }
  return best;
}

/** Orders in which labels are placed before one is given up. */
const ATTEMPTS = 6;

function missing(placed: readonly (PlacedLabel | null)[]): readonly number[] {
  return placed.flatMap((label, index) => (label === null ? [index] : []));
}

function placedIn(
  order: readonly number[],
  points: readonly Labelled[],
  area: LabelArea,
): readonly (PlacedLabel | null)[] {
  const { taken = [], across = [], drawn = [] } = area;
  const whole: Box = { left: 0, right: area.width, top: 0, bottom: area.height };
  // Somewhat less than the box of a circle, whose corners are empty.
  const marks = points.map(({ x, y, radius }) => boxAround(x, y, 1.7 * radius, 1.7 * radius));
  const boxes: Box[] = [...taken];
  const lines: Segment[] = [];
  const placed: (PlacedLabel | null)[] = points.map(() => null);
  for (const index of order) {
    const fits = ({ box, line }: Candidate, avoided: readonly Box[]): boolean =>
      inside(box, whole) &&
      ![...avoided, ...across].some((one) => overlap(box, one)) &&
      !lines.some((one) => crosses(one, box)) &&
      (line === null || !boxes.some((one) => crosses(line, one)));
    const candidates = candidatesFor(points[index], area);
    const found =
      candidates.find((one) => !isOn(drawn, one.box) && fits(one, [...boxes, ...marks])) ??
      candidates.find((one) => fits(one, [...boxes, ...marks])) ??
      candidates.find((one) => fits(one, boxes)) ??
      candidates.find(
        ({ box }) => inside(box, whole) && ![...boxes, ...across].some((one) => overlap(box, one)),
      );
    if (found === undefined) continue;
    boxes.push(found.box);
    if (found.line !== null) lines.push(found.line);
    placed[index] = found.label;
  }
  return placed;
}

/** Points within this distance are in each other's way. */
const CROWDED = 50;

/** A straight line from one point to another, in pixels. */
export interface Segment {
  readonly from: { readonly x: number; readonly y: number };
  readonly to: { readonly x: number; readonly y: number };
}

interface Candidate {
  readonly label: PlacedLabel;
  readonly box: Box;
  /** The line to its mark. */
  readonly line: Segment | null;
}

function isOn(drawn: readonly Segment[], box: Box): boolean {
  return drawn.some((one) => crosses(one, box));
}

function candidatesFor(
  { x, y, radius, text }: Labelled,
  area: Pick<LabelArea, "width" | "height">,
): readonly Candidate[] {
  const width = widthOf(text);
  return GAPS.flatMap((gap, ring) =>
    DIRECTIONS.map((direction): Candidate => {
      const [right, down] = [Math.cos(direction), Math.sin(direction)];
      // Pushed back into the chart where it would reach out of it.
      const middle = {
        x: within(x + right * (radius + gap + width / 2), width / 2, area.width - width / 2),
        y: within(y + down * (radius + gap + LINE / 2), LINE / 2, area.height - LINE / 2),
      };
      const box = boxAround(middle.x, middle.y, width, LINE);
      const align: PlacedLabel["align"] = right > 0.3 ? "left" : right < -0.3 ? "right" : "center";
      const anchor = { x: { left: box.left, center: middle.x, right: box.right }[align], y: middle.y, align };
      if (ring === 0) return { label: { ...anchor, lead: null }, box, line: null };
      const lead = { x: within(x, box.left, box.right), y: within(y, box.top, box.bottom) };
      return { label: { ...anchor, lead }, box, line: { from: { x, y }, to: lead } };
    }),
  );
}

/** Pixels that a label takes at most. */
export function widthOf(text: string): number {
  return LETTER * [...text].length;
}

function boxAround(x: number, y: number, width: number, height: number): Box {
  return { left: x - width / 2, right: x + width / 2, top: y - height / 2, bottom: y + height / 2 };
}

function within(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

export function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

function inside(a: Box, b: Box): boolean {
  return a.left >= b.left && a.right <= b.right && a.top >= b.top && a.bottom <= b.bottom;
}

/** Whether a line goes through a box; it may end at its edge. */
function crosses({ from, to }: Segment, box: Box): boolean {
  const steps = Math.ceil(distance(from, to) / 3);
  for (let step = 0; step < steps; step++) {
    const part = step / steps;
    const x = from.x + part * (to.x - from.x);
    const y = from.y + part * (to.y - from.y);
    if (box.left < x && x < box.right && box.top < y && y < box.bottom) return true;
  }
  return false;
}

function distance(a: { x: number; y: number }, b: { x: number; y: number }): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
