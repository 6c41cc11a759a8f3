import { float32, float64, type Rounding, sumsOf } from "./oracle.ts";

/**
 * `to = matrix · x`, matrix `[rows, width]`: each product and each sum is rounded, or the whole sum where sums have a
 * rounding of their own. Four rows at a time, since a
 * sum waits for its last addition; float64 and float32 have loops of their own, because references over a
 * million tokens spend their time here.
 */
export function roundedProducts(
  matrix: Float64Array,
  rows: number,
  width: number,
  x: Float64Array,
  to: Float64Array,
  round: Rounding,
): void {
  const fours = rows & ~3;
  const within = sumsOf(round);
  if (within === float64) exactFours(matrix, fours, width, x, to);
  else if (within === float32) singleFours(matrix, fours, width, x, to);
  for (let row = within === float64 || within === float32 ? fours : 0; row < rows; row++) {
    let sum = 0;
    for (let at = 0; at < width; at++) sum = within(sum + within(matrix[row * width + at] * x[at]));
    to[row] = sum;
  }
  if (within !== round) for (let row = 0; row < rows; row++) to[row] = round(to[row]);
}

function exactFours(
  matrix: Float64Array,
  rows: number,
  width: number,
  x: Float64Array,
  to: Float64Array,
): void {
  for (let row = 0; row < rows; row += 4) {
    const [a, b, c, d] = [row * width, (row + 1) * width, (row + 2) * width, (row + 3) * width];
    let [sumA, sumB, sumC, sumD] = [0, 0, 0, 0];
    for (let at = 0; at < width; at++) {
      const y = x[at];
      sumA += matrix[a + at] * y;
      sumB += matrix[b + at] * y;
      sumC += matrix[c + at] * y;
      sumD += matrix[d + at] * y;
    }
    to[row] = sumA;
    to[row + 1] = sumB;
    to[row + 2] = sumC;
    to[row + 3] = sumD;
  }
}

function singleFours(
  matrix: Float64Array,
  rows: number,
  width: number,
  x: Float64Array,
  to: Float64Array,
): void {
  const { fround } = Math;
  for (let row = 0; row < rows; row += 4) {
    const [a, b, c, d] = [row * width, (row + 1) * width, (row + 2) * width, (row + 3) * width];
    let [sumA, sumB, sumC, sumD] = [0, 0, 0, 0];
    for (let at = 0; at < width; at++) {
      const y = x[at];
      sumA = fround(sumA + fround(matrix[a + at] * y));
      sumB = fround(sumB + fround(matrix[b + at] * y));
      sumC = fround(sumC + fround(matrix[c + at] * y));
      sumD = fround(sumD + fround(matrix[d + at] * y));
    }
    to[row] = sumA;
    to[row + 1] = sumB;
    to[row + 2] = sumC;
    to[row + 3] = sumD;
  }
}
