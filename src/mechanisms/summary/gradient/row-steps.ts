import { addTo } from "../../gradient/tape/elementwise.ts";
import { meansBetween } from "../../gradient/tape/means.ts";
import type { Tape, Value } from "../../gradient/tape/tape.ts";
import type { Segments } from "../declare.ts";

/** Steps whose rows are made of some rows of what they read. */

/** First rows of the segments, and the end of the last. */
export function segmentsOf(rows: number, segments: Segments): number[] {
  const count = "count" in segments ? segments.count : Math.ceil(rows / segments.size);
  return Array.from({ length: count + 1 }, (_, at) =>
    "count" in segments ? Math.floor((at * rows) / count) : Math.min(rows, at * segments.size),
  );
}

/** Row t is the mean of the rows of segment t. */
export function means(tape: Tape, of: Value, segments: Segments): Value {
  return meansBetween(tape, of, segmentsOf(of.rows, segments));
}

/** Row i is row `rows[i]` of what is read. */
export function pickRows(tape: Tape, of: Value, rows: ArrayLike<number>): Value {
  const { width } = of;
  const data = new Float64Array(rows.length * width);
  for (const [at, row] of Array.from(rows).entries()) {
    data.set(of.data.subarray(row * width, (row + 1) * width), at * width);
  }
  return tape.made(rows.length, width, data, (gradient) => {
    for (const [at, row] of Array.from(rows).entries()) {
      tape.arithmetic.add(1, gradient, at * width, of.adjoint, row * width, width);
    }
  });
}

/** `factor·|x_i|²/2`, whose derivative is `factor·x_i`. */
export function halfSquares(tape: Tape, of: Value, factor: number): Value {
  const { round, dot, add } = tape.arithmetic;
  const { rows, width } = of;
  const data = Float64Array.from({ length: rows }, (_, row) => {
    const own = { of: of.data, at: row * width, step: 1 };
    return round(round(dot(own, own, width) * factor) / 2);
  });
  return tape.made(rows, 1, data, (gradient) => {
    for (const [row, g] of gradient.entries()) {
      add(round(g * factor), of.data, row * width, of.adjoint, row * width, width);
    }
  });
}

/** `of` and the convolution of the values' columns with the taps, the last row standing at the last of the values. */
export function convolve(tape: Tape, of: Value, values: Value, taps: Value): Value {
  const { dot, add, round } = tape.arithmetic;
  const { rows, width } = of;
  const left = Math.floor(taps.width / 2);
  const eachTap = (row: number, act: (tap: number, token: number) => void): void => {
    for (let tap = 0; tap < taps.width; tap++) {
      const token = row + values.rows - rows + tap - left;
      if (token >= 0 && token < values.rows) act(tap, token);
    }
  };
  const data = Float64Array.from(of.data);
  for (let row = 0; row < rows; row++) {
    eachTap(row, (tap, token) => add(taps.data[tap], values.data, token * width, data, row * width, width));
  }
  return tape.made(rows, width, data, (gradient) => {
    addTo(tape, of, gradient);
    for (let row = 0; row < rows; row++) {
      const along = { of: gradient, at: row * width, step: 1 };
      eachTap(row, (tap, token) => {
        add(taps.data[tap], gradient, row * width, values.adjoint, token * width, width);
        const ofTap = dot(along, { of: values.data, at: token * width, step: 1 }, width);
        taps.adjoint[tap] = round(taps.adjoint[tap] + ofTap);
      });
    }
  });
}
