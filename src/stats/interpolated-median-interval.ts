import type { Interval } from "./median-interval.ts";

/**
 * An interval of the median from order statistics, interpolated between the narrowest pair that covers the
 * median with at least `confidence` and the next pair within it, so that it covers it with very nearly
 * `confidence` and no more (Hettmansperger & Sheather 1986, Statistics & Probability Letters 4, 75-79): close
 * for any symmetric distribution, however heavy its tails. Null if there are too few values: at 95 % that is
 * fewer than six.
 */
export function interpolatedMedianInterval(values: ArrayLike<number>, confidence = 0.95): Interval | null {
  if (!(0 < confidence && confidence < 1)) {
    throw new RangeError(
      `interpolatedMedianInterval: confidence must lie between 0 and 1, got ${confidence}`,
    );
  }
  const sorted = Float64Array.from(values).sort();
  const count = sorted.length;
  if (Number.isNaN(sorted[count - 1])) {
    throw new RangeError("interpolatedMedianInterval: values must be numbers, got NaN");
  }
  // `covered` by the pair of rank `rank` from both ends, counted from 1; `inner` by the next pair.
  let term = count * 2 ** -count;
  let covered = 1 - 2 * 2 ** -count;
  if (!(covered >= confidence)) return null;
  for (let rank = 1; ; rank++) {
    const inner = covered - 2 * term;
    if (inner < confidence) {
      const share = (covered - confidence) / (covered - inner);
      const weight = ((count - rank) * share) / (rank + (count - 2 * rank) * share);
      const between = (outer: number, next: number) => outer + weight * (next - outer);
      return {
        low: between(sorted[rank - 1], sorted[rank]),
        high: between(sorted[count - rank], sorted[count - 1 - rank]),
        confidence,
      };
    }
    covered = inner;
    term *= (count - rank) / (rank + 1);
  }
}
