import type { Arrays } from "../arrays/arrays.ts";
import type { Tensor } from "../arrays/tensor.ts";

/** Rows of a block, a power of two. */
const BLOCK = 16;

/**
 * X of `(I + L) X = Y`, where only what is below the diagonal of L `[…, n, n]` is read, and Y is `[…, n, width]`: block by
 * block, each by the inverse of its own square. Only products, which have gradients in a compiled program.
 */
export function solveUnitLower(arrays: Arrays, lower: Tensor, right: Tensor): Tensor {
  const rows = right.shape[right.shape.length - 2];
  const missing = (BLOCK - (rows % BLOCK)) % BLOCK;
  // Rows of zeros make the last block a whole one, and change none before them.
  const whole = missing === 0 ? lower : lower.padded(-1, 0, missing).padded(-2, 0, missing);
  const known = missing === 0 ? right : right.padded(-2, 0, missing);
  const inverses = inverted(arrays, diagonalBlocks(arrays, whole));
  const solved: Tensor[] = [];
  for (let from = 0; from < rows; from += BLOCK) {
    const to = from + BLOCK;
    const own = known.part(-2, from, to);
    const before = whole.part(-2, from, to).part(-1, 0, from);
    const rest = from === 0 ? own : own.sub(before.matmul(arrays.joined(solved, -2)));
    const block = from / BLOCK;
    const inverse = inverses.part(-3, block, block + 1);
    const shape = [...inverse.shape.slice(0, -3), BLOCK, BLOCK];
    solved.push(inverse.reshape(...shape).matmul(rest));
  }
  const all = arrays.joined(solved, -2);
  return missing === 0 ? all : all.part(-2, 0, rows);
}

/** The squares on the diagonal, `[…, blocks, BLOCK, BLOCK]` of `[…, n, n]`. */
function diagonalBlocks(arrays: Arrays, matrix: Tensor): Tensor {
  const outer = matrix.shape.slice(0, -2);
  const blocks = matrix.shape[matrix.shape.length - 1] / BLOCK;
  const identity = arrays.matrix(blocks, blocks, (row, column) => (row === column ? 1 : 0));
  return matrix
    .reshape(...outer, blocks, BLOCK, blocks, BLOCK)
    .mul(identity.reshape(blocks, 1, blocks, 1))
    .sum(-2)
    .reshape(...outer, blocks, BLOCK, BLOCK);
}

/**
 * `(I + L)⁻¹` of squares. The inverse of a square of two halves is that of each on the diagonal, and `-B⁻¹ C A⁻¹` below, C what
 * L has there: from squares of 2 on, all of one size at a time.
 */
function inverted(arrays: Arrays, lower: Tensor): Tensor {
  const belowHalf = (half: number): Tensor =>
    lower.mul(arrays.matrix(BLOCK, BLOCK, (row, column) => (isBelow(row, column, half) ? 1 : 0)));
  const identity = arrays.matrix(BLOCK, BLOCK, (row, column) => (row === column ? 1 : 0));
  let inverse = identity.sub(belowHalf(1));
  for (let half = 2; half < BLOCK; half *= 2) {
    inverse = inverse.sub(inverse.matmul(belowHalf(half)).matmul(inverse));
  }
  return inverse;
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
