import type { Gathered, Intervals, TokenClass } from "../core/pattern.ts";
import type { Axis, AxisGroup, AxisKeys } from "./axis.ts";

/** Fewer attended pixels are not worth an order of their own. */
const LEAST_KEYS = 16;

/**
 * Columns of pixels taken together where windows move along with the pixel. The wider a strip, the fewer
 * strips a key lies in, and the more of its keys a row does not attend.
 */
const STRIP = 2;

/** Pixels that lie together in an image and far apart in its rows: cells, or strips of it. */
export function gatheredPixels(
  length: number,
  width: number,
  rows: Axis,
  columns: Axis,
): Gathered | undefined {
  const height = Math.ceil(length / width);
  const down = countOf(rows.keys(Math.floor(height / 2), height));
  const across = countOf(columns.keys(Math.floor(width / 2), width));
  if (down === 1 || across === width || down * across < LEAST_KEYS) return undefined;
  return {
    rest: null,
    orders: [
      {
        *classes() {
          const strips = columns.groups(width, STRIP);
          for (const lines of rows.groups(height, Number.POSITIVE_INFINITY)) {
            for (const strip of strips) {
              const one = pixelClass(length, width, lines, strip, (at) => rows.keys(at, height));
              if (one.queries.length > 0) yield one;
            }
          }
        },
      },
    ],
  };
}

function pixelClass(
  length: number,
  width: number,
  lines: AxisGroup,
  strip: AxisGroup,
  keysOfLine: (at: number) => AxisKeys,
): TokenClass {
  const keys = pixels(length, width, lines.keys, strip.keys);
  if (lines.same && strip.same) return { queries: keys, keys };
  const perLine = countOf(strip.positions);
  const keysPerLine = countOf(strip.keys);
  const { from: top, step } = lines.positions;
  const placeOf = (line: number): number => ((line - lines.keys.from) / step) * keysPerLine;
  return {
    queries: pixels(length, width, lines.positions, strip.positions),
    keys,
    reach(from, to): Intervals {
      const first = keysOfLine(top + Math.floor(from / perLine) * step);
      const last = keysOfLine(top + Math.floor((to - 1) / perLine) * step);
      const end = placeOf(last.from) + countOf(last) * keysPerLine;
      return [placeOf(first.from), Math.min(end, keys.length)];
    },
  };
}

/** The pixels of some rows and columns that exist, row by row. */
function pixels(length: number, width: number, down: AxisKeys, across: AxisKeys): Int32Array {
  const tokens = new Int32Array(countOf(down) * countOf(across));
  let count = 0;
  for (let row = down.from; row < down.to; row += down.step) {
    for (let column = across.from; column < across.to; column += across.step) {
      const token = row * width + column;
      if (token < length) tokens[count++] = token;
    }
  }
  return tokens.subarray(0, count);
}

function countOf({ from, to, step }: AxisKeys): number {
  return Math.ceil((to - from) / step);
}
