/**
 * `relu(W q)` of `rows` queries that begin at `at`, `[rows, width]`, into rows that begin at `toAt`; W is `[width, width]`
 * and begins at `weightsAt`.
 */
export function hiddenQueries(
  q: Float32Array,
  at: number,
  rows: number,
  width: number,
  weights: Float32Array,
  weightsAt: number,
  to: Float32Array | Float64Array,
  toAt: number,
): void {
  for (let row = 0; row < rows; row++) {
    const from = at + row * width;
    for (let unit = 0; unit < width; unit++) {
      const ofUnit = weightsAt + unit * width;
      let sum = 0;
      for (let i = 0; i < width; i++) sum += weights[ofUnit + i] * q[from + i];
      to[toAt + row * width + unit] = Math.max(sum, 0);
    }
  }
}
