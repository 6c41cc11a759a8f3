/** A matrix `[rows, columns]`, row-major, as `[columns, rows]` in float64. */
export function transposed(matrix: Float32Array, rows: number, columns: number): Float64Array {
  const turned = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++)
      turned[column * rows + row] = matrix[row * columns + column];
  }
  return turned;
}
