import type { Intervals, Pattern } from "../core/pattern.ts";
import type { PatternTerms } from "../core/table-one.ts";
import type { Axis, AxisKeys } from "./axis.ts";
import { bound } from "./bound.ts";
import { checkCount } from "./check-count.ts";
import { gatheredPixels } from "./grid-classes.ts";
import { unite } from "./intervals.ts";
import { whyNotWhole } from "./whole-rows.ts";

interface GridOptions {
  /** Whether an image whose last row is short is refused. */
  readonly wholeRows: boolean;
}

/**
 * Tokens are the pixels of an image, `width` in a row, row by row. A pixel attends those whose row it attends
 * along the rows and whose column it attends along the columns. Of a last row that is short, only pixels that
 * exist are attended.
 */
export function grid(width: number, rows: Axis, columns: Axis, { wholeRows }: GridOptions): Pattern {
  checkCount("grid", "width", width, 1, Number.MAX_SAFE_INTEGER);
  const text = `grid(${width}, ${rows.text}${rows.text === columns.text ? "" : `, ${columns.text}`})`;
  return {
    text,
    perHead: false,
    drawsFromRest: false,
    neverCausal: true,
    imageWidth: width,
    ...(wholeRows && { whyNot: (length) => whyNotWhole(width, length) }),
    parts: [],
    role: "local",
    terms: () => gridTerms(width, rows, columns),
    bind({ length }) {
      const height = Math.ceil(length / width);
      const rowOf = (token: number): number => Math.floor(token / width);
      /** Pixels of some rows and columns. */
      const pixels = (down: AxisKeys, across: AxisKeys): Intervals => {
        if (down.step === 1 && across.step === 1 && across.to - across.from === width) {
          return [down.from * width, Math.min(length, down.to * width)];
        }
        const keys: number[] = [];
        for (let row = down.from; row < down.to; row += down.step) {
          for (let column = across.from; column < across.to; ) {
            const end = across.step === 1 ? across.to : column + 1;
            pushKeys(keys, row * width + column, Math.min(length, row * width + end));
            column = across.step === 1 ? across.to : column + across.step;
          }
        }
        return keys;
      };
      const runs = (query: number): Intervals =>
        pixels(rows.keys(rowOf(query), height), columns.keys(query % width, width));
      /** Keys of pixels in these rows and columns, the last ones included. */
      const some = (top: number, bottom: number, left: number, right: number): Intervals =>
        pixels(around(rows, top, bottom, height), around(columns, left, right, width));
      const moved = (axis: Axis, extent: number, at: number, by: number): boolean => {
        const here = axis.keys(at, extent);
        const there = axis.keys(at + by, extent);
        return here.from + by === there.from && here.to + by === there.to;
      };
      return bound({
        length,
        attends: (query, key) =>
          holds(rows.keys(rowOf(query), height), rowOf(key)) &&
          holds(columns.keys(query % width, width), key % width),
        runs,
        someRuns(from, to) {
          const [top, bottom] = [rowOf(from), rowOf(to - 1)];
          const [left, right] = [from % width, (to - 1) % width];
          if (top === bottom) return some(top, top, left, right);
          const ends = unite(some(top, top, left, width - 1), some(bottom, bottom, 0, right));
          return bottom - top === 1 ? ends : unite(ends, some(top + 1, bottom - 1, 0, width - 1));
        },
        everyRuns(from, to) {
          if (to - from === 1) return runs(from);
          const [top, bottom] = [rowOf(from), rowOf(to - 1)];
          const [left, right] = top === bottom ? [from % width, (to - 1) % width] : [0, width - 1];
          const down = common(rows, top, bottom, height);
          const across = common(columns, left, right, width);
          return down === null || across === null ? [] : pixels(down, across);
        },
        // Whole rows further, the same columns are attended.
        repeats({ rowFrom, rowTo }, by) {
          if (by % width !== 0) return false;
          const far = by / width;
          return moved(rows, height, rowOf(rowFrom), far) && moved(rows, height, rowOf(rowTo - 1), far);
        },
        gathered: gatheredPixels(length, width, rows, columns),
        pairs: () => gridPairs(length, width, rows, columns),
      });
    },
  };
}

function holds({ from, to, step }: AxisKeys, at: number): boolean {
  return from <= at && at < to && (at - from) % step === 0;
}

/** Appends a range, to the previous one if they touch. */
function pushKeys(keys: number[], from: number, to: number): void {
  if (from >= to) return;
  if (keys.length > 0 && keys[keys.length - 1] === from) keys[keys.length - 1] = to;
  else keys.push(from, to);
}

/** Positions from the first to the last that some pixel of `first … last` attends; exactly those of one. */
function around(axis: Axis, first: number, last: number, extent: number): AxisKeys {
  if (first === last) return axis.keys(first, extent);
  let from = extent;
  let to = 0;
  for (let at = first; at <= Math.min(last, first + axis.period - 1); at++) {
    from = Math.min(from, axis.keys(at, extent).from);
  }
  for (let at = last; at >= Math.max(first, last - axis.period + 1); at--) {
    to = Math.max(to, axis.keys(at, extent).to);
  }
  return { from, to, step: 1 };
}

/** Positions that all of `first … last` attend; null if there are none, or are not sought. */
function common(axis: Axis, first: number, last: number, extent: number): AxisKeys | null {
  const keys = axis.keys(first, extent);
  if (first === last) return keys;
  const { from, to, step } = axis.keys(last, extent);
  return step === 1 && from < keys.to ? { from, to: Math.min(to, keys.to), step } : null;
}

/**
 * The product of the pairs along rows and along columns. If the last row is short, it is multiplied
 * separately, as row and as key.
 */
function gridPairs(length: number, width: number, rows: Axis, columns: Axis): number {
  const height = Math.ceil(length / width);
  const short = length - (height - 1) * width;
  const down = (queries: number, keys: number): number => axisPairs(rows, height, queries, keys);
  const across = (queries: number, keys: number): number => axisPairs(columns, width, queries, keys);
  const inner = down(height - 1, height - 1);
  const toLast = down(height - 1, height) - inner;
  const fromLast = down(height, height - 1) - inner;
  const lastAlone = down(height, height) - inner - toLast - fromLast;
  // A row may be far wider than the image is long: what is multiplied by 0 is not counted.
  const times = (rowPairs: number, queries: number, keys: number): number =>
    rowPairs === 0 ? 0 : rowPairs * across(queries, keys);
  return (
    times(inner, width, width) +
    times(toLast, width, short) +
    times(fromLast, short, width) +
    times(lastAlone, short, short)
  );
}

/** Pairs along an axis of the first `queries` positions with the first `keys`. */
function axisPairs(axis: Axis, extent: number, queries: number, keys: number): number {
  let pairs = 0;
  for (let at = 0; at < queries; at++) {
    const { from, to, step } = axis.keys(at, extent);
    pairs += Math.max(0, Math.ceil((Math.min(to, keys) - from) / step));
  }
  return pairs;
}

/** A layer goes along both axes at once, so that the longer way decides. */
function gridTerms(width: number, rows: Axis, columns: Axis): PatternTerms {
  const [down, across] = [rows.terms, columns.terms];
  if (down === undefined || across === undefined || rows.text !== columns.text) return {};
  const { letter, count, path } = down;
  return {
    keys: { text: `${letter}²`, letters: { [letter]: count } },
    path: {
      text: path,
      letters: { ...(path.includes("m") && { m: "max(H, W)", W: width }), [letter]: count },
      at: ({ length }) =>
        Math.max(down.layers(Math.ceil(length / width)), across.layers(Math.min(width, length))),
    },
  };
}
