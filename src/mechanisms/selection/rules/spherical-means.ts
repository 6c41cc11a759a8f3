import { FLOAT32_EPSILON } from "../../../core/error-budget.ts";
import type { Numbers } from "../../../core/tensors.ts";

/** Vectors of length 1, or 0, `[count, width]`. */
export interface UnitRows {
  readonly count: number;
  readonly width: number;
  readonly data: Float64Array;
}

/** The rows of several matrices one after another, each divided by its length; rows of zeros stay so. */
export function unitRows(matrices: readonly Numbers[], width: number): UnitRows {
  const count = matrices.reduce((sum, { length }) => sum + length, 0) / width;
  const data = new Float64Array(count * width);
  let at = 0;
  for (const matrix of matrices) {
    data.set(matrix, at);
    at += matrix.length;
  }
  for (let row = 0; row < data.length; row += width) normalise(data, row, width);
  return { count, width, data };
}

/** Divides a vector by its length; returns the length. A vector of zeros stays. */
function normalise(data: Float64Array, at: number, width: number): number {
  let squares = 0;
  for (let i = at; i < at + width; i++) squares += data[i] * data[i];
  const length = Math.sqrt(squares);
  if (length !== 0) for (let i = at; i < at + width; i++) data[i] /= length;
  return length;
}

/** Centres of length 1, `[count, width]`, and how far the rounding of what went into each may have moved it. */
export interface Centres {
  readonly count: number;
  readonly data: Float64Array;
  readonly moved: Float64Array;
}

/** Centres at the rows that are named, rounded down, and brought into range. */
export function centresAt({ data, width }: UnitRows, starts: Numbers, count: number): Centres {
  const centres = new Float64Array(count * width);
  for (let centre = 0; centre < count; centre++) {
    const drawn = starts[centre];
    const row = width * (drawn > 0 ? Math.min(data.length / width - 1, Math.floor(drawn)) : 0);
    centres.set(data.subarray(row, row + width), centre * width);
  }
  return { count, data: centres, moved: new Float64Array(count).fill(FLOAT32_EPSILON) };
}

/** Each centre where the sum of its rows points; one stays that has no rows, or whose rows sum to 0. */
export function movedCentres(rows: UnitRows, centres: Centres, assigned: Int32Array): Centres {
  const { width, data } = rows;
  const sums = new Float64Array(centres.data.length);
  const sizes = new Float64Array(centres.count);
  for (const [row, centre] of assigned.entries()) {
    sizes[centre]++;
    for (let i = 0; i < width; i++) sums[centre * width + i] += data[row * width + i];
  }
  const moved = centres.moved.slice();
  for (const [centre, size] of sizes.entries()) {
    const at = centre * width;
    const length = normalise(sums, at, width);
    if (size > 0 && length !== 0) moved[centre] = (FLOAT32_EPSILON * (size + length)) / length;
    else sums.set(centres.data.subarray(at, at + width), at);
  }
  return { count: centres.count, data: sums, moved };
}

/** Products of rows with centres, one row at a time. */
export class Nearness {
  /** Of the row that was looked at last, with each centre. */
  readonly values: Float64Array;
  readonly #rows: UnitRows;
  readonly #centres: Centres;

  constructor(rows: UnitRows, centres: Centres) {
    this.values = new Float64Array(centres.count);
    this.#rows = rows;
    this.#centres = centres;
  }

  look(row: number): void {
    const { width, data } = this.#rows;
    const { data: centres, count } = this.#centres;
    const fours = count & ~3;
    const at = row * width;
    // Four sums at a time, since each waits for its last addition.
    for (let centre = 0; centre < fours; centre += 4) {
      const a = centre * width;
      const [b, c, d] = [a + width, a + 2 * width, a + 3 * width];
      let [sumA, sumB, sumC, sumD] = [0, 0, 0, 0];
      for (let i = 0; i < width; i++) {
        const x = data[at + i];
        sumA += x * centres[a + i];
        sumB += x * centres[b + i];
        sumC += x * centres[c + i];
        sumD += x * centres[d + i];
      }
      this.values[centre] = sumA;
      this.values[centre + 1] = sumB;
      this.values[centre + 2] = sumC;
      this.values[centre + 3] = sumD;
    }
    for (let centre = fours; centre < count; centre++) {
      let sum = 0;
      for (let i = 0; i < width; i++) sum += data[at + i] * centres[centre * width + i];
      this.values[centre] = sum;
    }
  }

  /** The first of the centres that are nearest to the row that was looked at last. */
  get nearest(): number {
    let best = 0;
    let most = Number.NEGATIVE_INFINITY;
    for (let centre = 0; centre < this.values.length; centre++) {
      if (!(this.values[centre] > most)) continue;
      most = this.values[centre];
      best = centre;
    }
    return best;
  }

  /** How far off the product of a row and a centre may be in float32: two roundings of everything that goes in. */
  slack(row: number, centre: number): number {
    const { width, data } = this.#rows;
    let size = 0;
    for (let i = 0; i < width; i++) {
      size += Math.abs(data[row * width + i] * this.#centres.data[centre * width + i]);
    }
    return 2 * (2 * FLOAT32_EPSILON * size + this.#centres.moved[centre]);
  }
}
