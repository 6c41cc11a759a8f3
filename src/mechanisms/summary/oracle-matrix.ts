import { FLOAT32_EPSILON } from "../../core/error-budget.ts";
import type { Numbers } from "../../core/tensors.ts";

/** A matrix of the oracle, row-major: an input of the call, or what a step made. */
export interface Dense {
  readonly rows: number;
  readonly width: number;
  readonly data: Numbers;
  /**
   * How far one float32 rounding of each number that goes into a weight, and of each product that is summed, may
   * move each element, if what the step reads is exact; omitted for inputs, and where nobody asks.
   */
  readonly moved?: Float64Array;
}

/** Sums before anything cancels, or what they are at most. */
export function magnitudeOf({ data, moved }: Dense, at: number): number {
  return moved === undefined ? Math.abs(data[at]) : moved[at] / FLOAT32_EPSILON;
}

/** These rows, in this order. */
export function pickRows({ rows, width, data, moved }: Dense, picked: readonly number[]): Dense {
  const take = <A extends Numbers>(from: A, to: A): A => {
    for (const [at, row] of picked.entries()) {
      if (!(row >= 0 && row < rows)) throw new RangeError(`row must be below ${rows}, got ${row}`);
      to.set(from.subarray(row * width, (row + 1) * width), at * width);
    }
    return to;
  };
  const count = picked.length * width;
  return {
    rows: picked.length,
    width,
    data:
      data instanceof Float64Array
        ? take(data, new Float64Array(count))
        : take<Numbers>(data, new Float32Array(count)),
    ...(moved && { moved: take(moved, new Float64Array(count)) }),
  };
}

/** The Euclidean length of each row. */
export function rowNorms({ rows, width, data }: Dense): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => {
    let squares = 0;
    for (let at = row * width; at < (row + 1) * width; at++) squares += data[at] * data[at];
    return Math.sqrt(squares);
  });
}

/** The Euclidean length of each column. */
export function columnNorms({ rows, width, data }: Dense): Float64Array {
  const squares = new Float64Array(width);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < width; i++) squares[i] += data[row * width + i] * data[row * width + i];
  }
  return squares.map(Math.sqrt);
}
