/** An interval with the probability that it covers what it estimates. */
export interface Interval {
  readonly low: number;
  readonly high: number;
  readonly confidence: number;
}

/**
 * The distribution-free interval of the median from order statistics: the narrowest pair of sorted values,
 * equally far from both ends, that covers the median with at least `confidence` (binomial with p = 1/2;
 * Conover 1999, section 3.2). Null if there are too few values: at 95 % that is fewer than six.
 */
export function medianInterval(values: ArrayLike<number>, confidence = 0.95): Interval | null {
  if (!(0 < confidence && confidence < 1)) {
    throw new RangeError(`medianInterval: confidence must lie between 0 and 1, got ${confidence}`);
  }
  const sorted = Float64Array.from(values).sort();
  if (Number.isNaN(sorted[sorted.length - 1]))
    throw new RangeError("medianInterval: values must be numbers, got NaN");
  const count = sorted.length;
  let best: Interval | null = null;
  let logTerm = -count * Math.LN2; // log of C(count, rank) / 2^count
  let below = 0; // probability that at most `rank` values lie below the median
  for (let rank = 0; rank < count / 2; rank++) {
    below += Math.exp(logTerm);
    const covered = 1 - 2 * below;
    if (covered < confidence) break;
    best = { low: sorted[rank], high: sorted[count - 1 - rank], confidence: covered };
    logTerm += Math.log((count - rank) / (rank + 1));
  }
  return best;
}
