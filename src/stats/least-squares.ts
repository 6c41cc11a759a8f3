/** A line fitted to points. */
export interface Line {
  readonly slope: number;
  /** Sum of the squared distances of x from its mean. */
  readonly squares: number;
  /** Sum of the squared distances of y from the line. */
  readonly residual: number;
}

/**
 * The least-squares line through the points (x, y), of which at least two x must differ (Draper & Smith 1998,
 * section 1.2).
 */
export function leastSquares(x: ArrayLike<number>, y: ArrayLike<number>): Line {
  const meanX = mean(x);
  const meanY = mean(y);
  let squares = 0;
  let products = 0;
  for (let i = 0; i < x.length; i++) {
    squares += (x[i] - meanX) ** 2;
    products += (x[i] - meanX) * (y[i] - meanY);
  }
  const slope = products / squares;
  let residual = 0;
  for (let i = 0; i < x.length; i++) residual += (y[i] - meanY - slope * (x[i] - meanX)) ** 2;
  return { slope, squares, residual };
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}
