interface Turned {
  readonly matrix: Float32Array;
  readonly columns: number;
  readonly turned: Float64Array;
}

/** Matrices that are remembered, the newest first, and the numbers of the largest. */
const MOST = 8;
const MOST_NUMBERS = 2 ** 22;

let known: readonly Turned[] = [];

/**
 * A matrix `[rows, columns]`, row-major, as `[columns, rows]` in float64; not to be written to. A few are remembered, with
 * the numbers that they were made of.
 */
export function transposed(matrix: Float32Array, rows: number, columns: number): Float64Array {
  const before = known.find((one) => one.columns === columns && isTheSame(one.matrix, matrix));
  if (before !== undefined) return before.turned;
  const turned = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++)
      turned[column * rows + row] = matrix[row * columns + column];
  }
  if (matrix.length <= MOST_NUMBERS)
    known = [{ matrix: matrix.slice(), columns, turned }, ...known.slice(0, MOST - 1)];
  return turned;
}

/** To the bit, but for the sign of 0: NaN is never the same. */
function isTheSame(one: Float32Array, other: Float32Array): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}
