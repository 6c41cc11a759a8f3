/**
 * What is new in each value of a first-order autoregression after the one before: values[i+1] - correlation ·
 * values[i], one fewer than the values. A step in the values is one here, a fraction 1 - correlation as high, its first
 * value as high as before. Without a positive correlation the values themselves.
 */
export function whitened(values: Float64Array, correlation: number): Float64Array {
  if (!(correlation < 1)) {
    throw new RangeError(`whitened: the correlation must be under 1, got ${correlation}`);
  }
  if (correlation <= 0) return values;
  return Float64Array.from(values.subarray(1), (value, before) => value - correlation * values[before]);
}
