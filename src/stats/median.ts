/** The middle of the values, or the mean of the two middle ones. Refuses an empty list and NaN. */
export function median(values: ArrayLike<number>): number {
  if (values.length === 0) throw new RangeError("median: at least one value is needed");
  const sorted = Float64Array.from(values).sort();
  if (Number.isNaN(sorted[sorted.length - 1]))
    throw new RangeError("median: values must be numbers, got NaN");
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
