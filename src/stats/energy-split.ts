/** Where a sequence falls best into two samples: `values[0 … at-1]` and `values[at … end-1]`. */
export interface EnergySplit {
  /** Index of the second sample's first value. */
  readonly at: number;
  /** Index after its last one; what follows belongs to neither. */
  readonly end: number;
  /** The scaled energy distance of the two samples, in units of |value|^exponent. */
  readonly statistic: number;
}

/**
 * The split of E-divisive (Matteson & James 2014, JASA 109, 334-345, section 3): of all pairs of a location and a right
 * end, that whose two samples have the greatest energy distance Q̂, m·n / (m + n) times twice the mean of |x -
 * y|^exponent between them less the means within each. The right end is free so that a second change further right does
 * not hide the first. Both samples have at least `least` values, 2 or more; null if there are fewer than twice as many.
 * Every pair of values is looked at twice: sums over pairs grow by one value at a time.
 */
export function energySplit(values: Float64Array, least: number, exponent = 1): EnergySplit | null {
  if (!(Number.isInteger(least) && least >= 2)) {
    throw new RangeError(`energySplit: a sample must have a least size from 2, got ${least}`);
  }
  if (!(0 < exponent && exponent <= 2)) {
    throw new RangeError(`energySplit: the exponent must lie above 0 and be at most 2, got ${exponent}`);
  }
  const count = values.length;
  if (count < 2 * least) return null;
  const before = sumsBefore(values, exponent);
  const inverse = new Float64Array(count + 1);
  for (let size = 1; size <= count; size++) inverse[size] = 1 / size;
  // within[end]: the sum over pairs of values[at … end-1].
  const within = new Float64Array(count + 1);
  let [best, bestAt, bestEnd] = [Number.NEGATIVE_INFINITY, 0, 0];
  for (let at = count - 2; at >= least; at--) {
    const value = values[at];
    const ofFirst = 2 * before[at];
    const meanOfFirst = ofFirst * inverse[at - 1];
    const near = Math.min(count, at + least - 1);
    let sum = 0;
    for (let end = at + 2; end <= near; end++) {
      const distance = Math.abs(values[end - 1] - value);
      sum += exponent === 1 ? distance : distance ** exponent;
      within[end] += sum;
    }
    for (let end = near + 1; end <= count; end++) {
      const distance = Math.abs(values[end - 1] - value);
      sum += exponent === 1 ? distance : distance ** exponent;
      const ofSecond = within[end] + sum;
      within[end] = ofSecond;
      const size = end - at;
      // Pairs between are all pairs less those within. Multiplied out, with reciprocals that are known.
      const statistic =
        (2 * before[end] - ofFirst - meanOfFirst * size - ofSecond * (2 + 2 * at * inverse[size - 1])) *
        inverse[end];
      if (statistic > best) {
        best = statistic;
        bestAt = at;
        bestEnd = end;
      }
    }
  }
  if (bestEnd === 0) throw new RangeError("energySplit: values must be finite numbers, got others");
  return { at: bestAt, end: bestEnd, statistic: best };
}

/** Sums over pairs of the first values: `sums[end]` of those before `end`. */
function sumsBefore(values: Float64Array, exponent: number): Float64Array {
  const sums = new Float64Array(values.length + 1);
  for (let last = 0; last < values.length; last++) {
    const value = values[last];
    let sum = 0;
    for (let other = 0; other < last; other++) {
      const distance = Math.abs(values[other] - value);
      sum += exponent === 1 ? distance : distance ** exponent;
    }
    sums[last + 1] = sums[last] + sum;
  }
  return sums;
}
