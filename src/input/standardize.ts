/**
 * Gives each of `columns` features, row by row in `values`, a mean of 0 and a variance of 1, in place; those that do
 * not vary become 0.
 */
export function standardize(values: Float64Array, columns: number): void {
  const rows = values.length / columns;
  for (let column = 0; column < columns; column++) {
    let sum = 0;
    for (let at = column; at < values.length; at += columns) sum += values[at];
    const mean = sum / rows;
    let squares = 0;
    for (let at = column; at < values.length; at += columns) squares += (values[at] - mean) ** 2;
    const spread = Math.sqrt(squares / rows);
    // Beyond rounding, of a mean that may be large.
    const varies = spread > 1e-12 * Math.max(1, Math.abs(mean));
    for (let at = column; at < values.length; at += columns)
      values[at] = varies ? (values[at] - mean) / spread : 0;
  }
}
