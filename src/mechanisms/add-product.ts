import { float32, float64, type Rounding } from "./oracle.ts";

/**
 * `sums[r] += Σ_j weights[r, j] x[j]`, weights `[rows, x.length]`, four rows at a time, so that additions do not wait
 * for one another. In float32 every product and addition together is rounded once, as a fused multiply-add does.
 * Another rounding than those two takes the numbers of x, and with them each product, and the sums at the end: what it
 * is asked for is how far roundings move the result, and it would be called for every product.
 */
export function addProduct(
  weights: Float64Array,
  x: Float64Array,
  sums: Float64Array,
  round: Rounding,
): void {
  if (round === float32) {
    addRounded(weights, x, sums);
    return;
  }
  if (round !== float64) for (let j = 0; j < x.length; j++) x[j] = round(x[j]);
  addExact(weights, x, sums);
  if (round !== float64) for (let r = 0; r < sums.length; r++) sums[r] = round(sums[r]);
}

function addExact(weights: Float64Array, x: Float64Array, sums: Float64Array): void {
  const width = x.length;
  const rows = sums.length;
  let r = 0;
  for (; r + 4 <= rows; r += 4) {
    const at = r * width;
    let [a, b, c, d] = [sums[r], sums[r + 1], sums[r + 2], sums[r + 3]];
    for (let j = 0; j < width; j++) {
      const number = x[j];
      a += weights[at + j] * number;
      b += weights[at + width + j] * number;
      c += weights[at + 2 * width + j] * number;
      d += weights[at + 3 * width + j] * number;
    }
    sums[r] = a;
    sums[r + 1] = b;
    sums[r + 2] = c;
    sums[r + 3] = d;
  }
  for (; r < rows; r++) {
    let sum = sums[r];
    for (let j = 0; j < width; j++) sum += weights[r * width + j] * x[j];
    sums[r] = sum;
  }
}

function addRounded(weights: Float64Array, x: Float64Array, sums: Float64Array): void {
  const width = x.length;
  const rows = sums.length;
  let r = 0;
  for (; r + 4 <= rows; r += 4) {
    const at = r * width;
    let [a, b, c, d] = [sums[r], sums[r + 1], sums[r + 2], sums[r + 3]];
    for (let j = 0; j < width; j++) {
      const number = x[j];
      a = Math.fround(a + weights[at + j] * number);
      b = Math.fround(b + weights[at + width + j] * number);
      c = Math.fround(c + weights[at + 2 * width + j] * number);
      d = Math.fround(d + weights[at + 3 * width + j] * number);
    }
    sums[r] = a;
    sums[r + 1] = b;
    sums[r + 2] = c;
    sums[r + 3] = d;
  }
  for (; r < rows; r++) {
    let sum = sums[r];
    for (let j = 0; j < width; j++) sum = Math.fround(sum + weights[r * width + j] * x[j]);
    sums[r] = sum;
  }
}
