import { FLOAT32_EPSILON } from "../../core/error-budget.ts";
import { type Rounding, sumsOf } from "../oracle.ts";
import type { Segments } from "./declare.ts";
import { columnNorms, type Dense, rowNorms } from "./oracle-matrix.ts";
import { addProduct } from "./oracle-product.ts";

/** The steps but attention, clusters and pseudo-inverses: each makes a matrix. */

/** Tokens of a product that are taken together. */
const TILE = 64;

/** First rows of the segments, and the end of the last. */
function segmentsOf(rows: number, segments: Segments): number[] {
  const count = "count" in segments ? segments.count : Math.ceil(rows / segments.size);
  return Array.from({ length: count + 1 }, (_, at) =>
    "count" in segments ? Math.floor((at * rows) / count) : Math.min(rows, at * segments.size),
  );
}

/** Row t is the mean of the rows of segment t. */
export function meansOf(of: Dense, segments: Segments, round: Rounding): Dense {
  const edges = segmentsOf(of.rows, segments);
  const belonging = Array.from({ length: edges.length - 1 }, (_, t) =>
    Array.from({ length: edges[t + 1] - edges[t] }, (_, at) => edges[t] + at),
  );
  return meansOfRows(of, belonging, round);
}

/** Row t is the mean of these rows; 0 if there are none. */
export function meansOfRows(
  { width, data }: Dense,
  belonging: readonly (readonly number[])[],
  round: Rounding,
): Dense {
  const within = sumsOf(round);
  const means = new Float64Array(belonging.length * width);
  const moved = new Float64Array(means.length);
  for (const [t, rows] of belonging.entries()) {
    if (rows.length === 0) continue;
    for (let i = 0; i < width; i++) {
      let [sum, size] = [0, 0];
      for (const row of rows) {
        const value = data[row * width + i];
        sum = within(sum + value);
        size += Math.abs(value);
      }
      means[t * width + i] = round(sum / rows.length);
      moved[t * width + i] = (FLOAT32_EPSILON * size) / rows.length;
    }
  }
  return { rows: belonging.length, width, data: means, moved };
}

/** `a·b`, or `aᵀ·b`. */
export function productOf(a: Dense, b: Dense, transposed: boolean, round: Rounding): Dense {
  const rows = transposed ? a.width : a.rows;
  const inner = b.rows;
  const data = new Float64Array(rows * b.width);
  for (let first = 0; first < inner; first += TILE) {
    const count = Math.min(TILE, inner - first);
    const left = new Float64Array(rows * count);
    for (let row = 0; row < rows; row++) {
      for (let at = 0; at < count; at++) {
        left[row * count + at] =
          a.data[transposed ? (first + at) * a.width + row : row * a.width + first + at];
      }
    }
    const right = Float64Array.from(b.data.subarray(first * b.width, (first + count) * b.width));
    addProduct(round, data, left, right, rows, count, b.width);
  }
  if (round.sums !== undefined) for (let at = 0; at < data.length; at++) data[at] = round(data[at]);
  // At most, by Cauchy and Schwarz: the sum itself would take as long as the product.
  const lengths = transposed ? columnNorms(a) : rowNorms(a);
  const columns = columnNorms(b);
  const moved = data.map(
    (_, at) => FLOAT32_EPSILON * lengths[Math.floor(at / b.width)] * columns[at % b.width],
  );
  return { rows, width: b.width, data, moved };
}

/** The sum of two matrices. */
export function sumOf(a: Dense, b: Dense, round: Rounding): Dense {
  const data = Float64Array.from(a.data, (value, at) => round(value + b.data[at]));
  return { rows: a.rows, width: a.width, data, moved: data.map(roundingOf) };
}

/** `factor·|x_i|²/2` of each row, a vector. */
export function halfSquaresOf({ rows, width, data }: Dense, factor: number, round: Rounding): Dense {
  const within = sumsOf(round);
  const halves = Float64Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (let at = row * width; at < (row + 1) * width; at++) sum = within(sum + within(data[at] * data[at]));
    return round(round(sum * factor) / 2);
  });
  return { rows, width: 1, data: halves, moved: halves.map(roundingOf) };
}

/** `ln` of the number of rows in each segment, a vector. */
export function logSizesOf(of: Dense, segments: Segments, round: Rounding): Dense {
  const edges = segmentsOf(of.rows, segments);
  const data = Float64Array.from({ length: edges.length - 1 }, (_, t) =>
    round(Math.log(edges[t + 1] - edges[t])),
  );
  return { rows: data.length, width: 1, data, moved: data.map(roundingOf) };
}

/** Rows of the convolution of columns with the taps, the last row standing at the last of the values. */
export function convolvedRows(
  of: Dense,
  values: Dense,
  taps: Dense,
  rows: readonly number[],
  allRows: number,
  round: Rounding,
): Dense {
  const { width } = values;
  const within = sumsOf(round);
  const left = Math.floor(taps.width / 2);
  const data = Float64Array.from(of.data);
  const moved = data.map((value, at) => (of.moved?.[at] ?? 0) + roundingOf(value));
  for (const [at, row] of rows.entries()) {
    for (let tap = 0; tap < taps.width; tap++) {
      const token = row + values.rows - allRows + tap - left;
      if (token < 0 || token >= values.rows) continue;
      for (let i = 0; i < width; i++) {
        const product = within(taps.data[tap] * values.data[token * width + i]);
        data[at * width + i] = within(data[at * width + i] + product);
        moved[at * width + i] += roundingOf(product);
      }
    }
  }
  return { rows: rows.length, width, data, moved };
}

function roundingOf(value: number): number {
  return FLOAT32_EPSILON * Math.abs(value);
}
