import type { Numbers } from "../../core/tensors.ts";
import { float32, float64, type Rounding, sumsOf } from "../oracle.ts";

/**
 * Rows of a tensor that a row of the output reads. References over long sequences spend their time
 * in these sums: rows are taken four at a time, since a sum waits for its last addition, and float64 and float32 have
 * loops of their own. Each sum is made in the order of its terms, and each product and each sum is rounded.
 */
export interface KeyRows {
  readonly from: Numbers;
  /** Where the row of the first key of all begins. */
  readonly at: number;
  readonly width: number;
  readonly keys: Int32Array;
}

/** `x · row` for each row, x beginning at a place. */
export function productsWith(x: Numbers, at: number, rows: KeyRows, round: Rounding): Float64Array {
  const { from, at: first, width, keys } = rows;
  const own = new Float64Array(width);
  for (let i = 0; i < width; i++) own[i] = x[at + i];
  const products = new Float64Array(keys.length);
  const within = sumsOf(round);
  const fours = isKnown(within) ? keys.length & ~3 : 0;
  if (within === float64) exactProducts(own, rows, fours, products);
  else if (within === float32) singleProducts(own, rows, fours, products);
  for (let key = fours; key < keys.length; key++) {
    const start = first + keys[key] * width;
    let sum = 0;
    for (let i = 0; i < width; i++) sum = within(sum + within(own[i] * from[start + i]));
    products[key] = sum;
  }
  return products;
}

/** `Σ_i |x_i row_i|` for each row. */
export function sizesWith(x: Numbers, at: number, { from, at: first, width, keys }: KeyRows): Float64Array {
  const own = new Float64Array(width);
  for (let i = 0; i < width; i++) own[i] = Math.abs(x[at + i]);
  const sizes = new Float64Array(keys.length);
  const fours = keys.length & ~3;
  for (let key = 0; key < fours; key += 4) {
    const a = first + keys[key] * width;
    const b = first + keys[key + 1] * width;
    const c = first + keys[key + 2] * width;
    const d = first + keys[key + 3] * width;
    let [sumA, sumB, sumC, sumD] = [0, 0, 0, 0];
    for (let i = 0; i < width; i++) {
      const number = own[i];
      sumA += number * Math.abs(from[a + i]);
      sumB += number * Math.abs(from[b + i]);
      sumC += number * Math.abs(from[c + i]);
      sumD += number * Math.abs(from[d + i]);
    }
    sizes[key] = sumA;
    sizes[key + 1] = sumB;
    sizes[key + 2] = sumC;
    sizes[key + 3] = sumD;
  }
  for (let key = fours; key < keys.length; key++) {
    const start = first + keys[key] * width;
    for (let i = 0; i < width; i++) sizes[key] += own[i] * Math.abs(from[start + i]);
  }
  return sizes;
}

/** `Σ_j weights_j row_j`. */
export function weightedSum(weights: Float64Array, rows: KeyRows, round: Rounding): Float64Array {
  const { from, at: first, width, keys } = rows;
  const sums = new Float64Array(width);
  const within = sumsOf(round);
  const fours = isKnown(within) ? keys.length & ~3 : 0;
  if (within === float64) exactSums(weights, rows, fours, sums);
  else if (within === float32) singleSums(weights, rows, fours, sums);
  for (let key = fours; key < keys.length; key++) {
    const start = first + keys[key] * width;
    const weight = weights[key];
    for (let i = 0; i < width; i++) sums[i] = within(sums[i] + within(weight * from[start + i]));
  }
  return sums;
}

/** `Σ_j |weights_j (row_j - middle)|`, with 0 for the middle if it is null. */
export function distanceSum(
  weights: Float64Array,
  { from, at: first, width, keys }: KeyRows,
  middle: Float64Array | null,
): Float64Array {
  const sums = new Float64Array(width);
  const center = middle ?? new Float64Array(width);
  const fours = keys.length & ~3;
  for (let key = 0; key < fours; key += 4) {
    const a = first + keys[key] * width;
    const b = first + keys[key + 1] * width;
    const c = first + keys[key + 2] * width;
    const d = first + keys[key + 3] * width;
    const [ofA, ofB, ofC, ofD] = [weights[key], weights[key + 1], weights[key + 2], weights[key + 3]];
    for (let i = 0; i < width; i++) {
      const x = center[i];
      const one = sums[i] + Math.abs(ofA * (from[a + i] - x));
      const two = one + Math.abs(ofB * (from[b + i] - x));
      sums[i] = two + Math.abs(ofC * (from[c + i] - x)) + Math.abs(ofD * (from[d + i] - x));
    }
  }
  for (let key = fours; key < keys.length; key++) {
    const start = first + keys[key] * width;
    for (let i = 0; i < width; i++) sums[i] += Math.abs(weights[key] * (from[start + i] - center[i]));
  }
  return sums;
}

function isKnown(round: Rounding): boolean {
  return round === float64 || round === float32;
}

function exactProducts(
  x: Float64Array,
  { from, at: first, width, keys }: KeyRows,
  count: number,
  to: Float64Array,
) {
  for (let key = 0; key < count; key += 4) {
    const a = first + keys[key] * width;
    const b = first + keys[key + 1] * width;
    const c = first + keys[key + 2] * width;
    const d = first + keys[key + 3] * width;
    let [sumA, sumB, sumC, sumD] = [0, 0, 0, 0];
    for (let i = 0; i < width; i++) {
      const number = x[i];
      sumA += number * from[a + i];
      sumB += number * from[b + i];
      sumC += number * from[c + i];
      sumD += number * from[d + i];
    }
    to[key] = sumA;
    to[key + 1] = sumB;
    to[key + 2] = sumC;
    to[key + 3] = sumD;
  }
}

function singleProducts(
  x: Float64Array,
  { from, at: first, width, keys }: KeyRows,
  count: number,
  to: Float64Array,
) {
  const { fround } = Math;
  for (let key = 0; key < count; key += 4) {
    const a = first + keys[key] * width;
    const b = first + keys[key + 1] * width;
    const c = first + keys[key + 2] * width;
    const d = first + keys[key + 3] * width;
    let [sumA, sumB, sumC, sumD] = [0, 0, 0, 0];
    for (let i = 0; i < width; i++) {
      const number = x[i];
      sumA = fround(sumA + fround(number * from[a + i]));
      sumB = fround(sumB + fround(number * from[b + i]));
      sumC = fround(sumC + fround(number * from[c + i]));
      sumD = fround(sumD + fround(number * from[d + i]));
    }
    to[key] = sumA;
    to[key + 1] = sumB;
    to[key + 2] = sumC;
    to[key + 3] = sumD;
  }
}

function exactSums(
  weights: Float64Array,
  { from, at: first, width, keys }: KeyRows,
  count: number,
  sums: Float64Array,
) {
  for (let key = 0; key < count; key += 4) {
    const a = first + keys[key] * width;
    const b = first + keys[key + 1] * width;
    const c = first + keys[key + 2] * width;
    const d = first + keys[key + 3] * width;
    const [ofA, ofB, ofC, ofD] = [weights[key], weights[key + 1], weights[key + 2], weights[key + 3]];
    for (let i = 0; i < width; i++) {
      sums[i] = sums[i] + ofA * from[a + i] + ofB * from[b + i] + ofC * from[c + i] + ofD * from[d + i];
    }
  }
}

function singleSums(
  weights: Float64Array,
  { from, at: first, width, keys }: KeyRows,
  count: number,
  sums: Float64Array,
) {
  const { fround } = Math;
  for (let key = 0; key < count; key += 4) {
    const a = first + keys[key] * width;
    const b = first + keys[key + 1] * width;
    const c = first + keys[key + 2] * width;
    const d = first + keys[key + 3] * width;
    const [ofA, ofB, ofC, ofD] = [weights[key], weights[key + 1], weights[key + 2], weights[key + 3]];
    for (let i = 0; i < width; i++) {
      const one = fround(sums[i] + fround(ofA * from[a + i]));
      const two = fround(one + fround(ofB * from[b + i]));
      const three = fround(two + fround(ofC * from[c + i]));
      sums[i] = fround(three + fround(ofD * from[d + i]));
    }
  }
}
