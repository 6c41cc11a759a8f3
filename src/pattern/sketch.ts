import type { BoundPattern, Intervals, Pattern } from "../core/pattern.ts";
import type { ImageSketch, SketchedArea } from "../core/pattern-sketch.ts";
import { intersect, subtract, unite } from "./intervals.ts";

/** Parts from top to bottom: a pair that several attend is shown as the first of them. */
const order: readonly SketchedArea["role"][] = ["full", "global", "local", "stride", "other", "random"];

interface Part {
  readonly role: SketchedArea["role"];
  readonly bound: BoundPattern;
}

/** The attended pairs of the first head as rectangles, each of the part that attends them. */
export function sketch(pattern: Pattern, length: number, causal: boolean): readonly SketchedArea[] {
  const parts = boundParts(pattern, length);
  const done: SketchedArea[] = [];
  let open: readonly SketchedArea[] = [];
  for (let query = 0; query < length; query++) {
    open = rowAreas(parts, query, causal ? query + 1 : length).map((area) => {
      const above = open.find((one) => sameKeys(one, area));
      return above === undefined ? area : { ...area, rowFrom: above.rowFrom };
    });
    // An area that the next row continues is replaced there.
    for (const area of open) {
      const at = done.findIndex(
        (one) => one.rowTo === query && one.rowFrom === area.rowFrom && sameKeys(one, area),
      );
      if (at === -1) done.push(area);
      else done[at] = area;
    }
  }
  return done;
}

/**
 * The keys of a pixel near the middle of a square image, each of the part that attends it; null if the tokens
 * are no pixels.
 */
export function sketchPixel(pattern: Pattern, causal: boolean): ImageSketch | null {
  const { imageWidth: width } = pattern;
  if (width === undefined) return null;
  const height = width;
  const row = Math.floor(height / 2);
  // Beside the middle, so that a window around the pixel is told from one that the pixel lies in.
  const column = Math.min(width - 1, Math.floor(width / 2) + 1);
  const query = row * width + column;
  const length = width * height;
  const areas = rowAreas(boundParts(pattern, length), query, causal ? query + 1 : length);
  return { width, height, row, column, areas: areas.flatMap((area) => inImage(area, width)) };
}

/** Keys of a row of the matrix, as rows and columns of an image. */
function inImage({ role, keyFrom, keyTo }: SketchedArea, width: number): readonly SketchedArea[] {
  const areas: SketchedArea[] = [];
  for (let from = keyFrom; from < keyTo; ) {
    const row = Math.floor(from / width);
    const to = Math.min(keyTo, (row + 1) * width);
    areas.push({ role, rowFrom: row, rowTo: row + 1, keyFrom: from - row * width, keyTo: to - row * width });
    from = to;
  }
  return areas;
}

/** The parts of a pattern, from top to bottom, in the first head. */
function boundParts(pattern: Pattern, length: number): readonly Part[] {
  const context = { length, head: 0 };
  const whole = pattern.bind(context);
  return (
    (pattern.parts.length > 0 ? pattern.parts : [pattern])
      // A part that draws from the rest has what the others leave of the whole.
      .map(
        (part): Part => ({
          role: part.role ?? "other",
          bound: part.drawsFromRest ? whole : part.bind(context),
        }),
      )
      .sort((a, b) => order.indexOf(a.role) - order.indexOf(b.role))
  );
}

/** The keys before `end` that a query attends. */
function rowAreas(parts: readonly Part[], query: number, end: number): readonly SketchedArea[] {
  const areas: SketchedArea[] = [];
  let covered: Intervals = [];
  for (const { role, bound } of parts) {
    const keys = subtract(intersect(bound.intervals(query), [0, end]), covered);
    covered = unite(covered, keys);
    for (let at = 0; at < keys.length; at += 2) {
      areas.push({ role, rowFrom: query, rowTo: query + 1, keyFrom: keys[at], keyTo: keys[at + 1] });
    }
  }
  return areas;
}

function sameKeys(a: SketchedArea, b: SketchedArea): boolean {
  return a.role === b.role && a.keyFrom === b.keyFrom && a.keyTo === b.keyTo;
}
