import type { Arrays } from "../arrays/arrays.ts";
import type { Tensor } from "../arrays/tensor.ts";

/** Rows that are solved together. */
const BLOCK = 16;

/**
 * X of `(I + L) X = Y`, where only what is below the diagonal of L `[…, n, n]` is read, and Y is `[…, n, width]`: block by
 * block, each by the inverse of its own square. Only products, which have gradients in a compiled program.
 */
export function solveUnitLower(arrays: Arrays, lower: Tensor, right: Tensor): Tensor {
  const rows = right.shape[right.shape.length - 2];
  const solved: Tensor[] = [];
  for (let from = 0; from < rows; from += BLOCK) {
    const to = Math.min(from + BLOCK, rows);
    const own = lower.part(-2, from, to);
    const known = right.part(-2, from, to);
    const rest = from === 0 ? known : known.sub(own.part(-1, 0, from).matmul(arrays.joined(solved, -2)));
    solved.push(inverse(arrays, own.part(-1, from, to), to - from).matmul(rest));
  }
  return arrays.joined(solved, -2);
}

/**
 * `(I + L)⁻¹`. The inverse of a square of two halves is that of each on the diagonal, and `-B⁻¹ C A⁻¹` below, C what L has
 * there: from squares of 2 on, all of one size at a time.
 */
function inverse(arrays: Arrays, lower: Tensor, rows: number): Tensor {
  const belowHalf = (half: number): Tensor =>
    lower.mul(arrays.matrix(rows, rows, (row, column) => (isBelow(row, column, half) ? 1 : 0)));
  const identity = arrays.matrix(rows, rows, (row, column) => (row === column ? 1 : 0));
  let inverted = identity.sub(belowHalf(1));
  for (let half = 2; half < rows; half *= 2) {
    inverted = inverted.sub(inverted.matmul(belowHalf(half)).matmul(inverted));
  }
  return inverted;
}

/** Whether a place is in the lower left quarter of a square of twice `half` on the diagonal. */
function isBelow(row: number, column: number, half: number): boolean {
  const square = Math.floor(row / (2 * half));
  return (
    square === Math.floor(column / (2 * half)) &&
    Math.floor(row / half) % 2 === 1 &&
    Math.floor(column / half) % 2 === 0
  );
}
