import { interpolatedMedianInterval } from "./interpolated-median-interval.ts";
import { logarithms } from "./logarithms.ts";
import { median } from "./median.ts";

/** A ratio with the ends of its interval. */
export interface Ratio {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The median over rounds of the ratio within a round, with its interval: numerator and denominator of one
 * round have the same index, so that what slows all of a round alike cancels. Null for fewer than six rounds
 * at 95 %. Refuses values that are not positive and finite.
 */
export function roundRatio(
  numerators: ArrayLike<number>,
  denominators: ArrayLike<number>,
  confidence = 0.95,
): Ratio | null {
  if (numerators.length !== denominators.length) {
    throw new RangeError(
      `roundRatio: numerators and denominators must be equally many, got ${numerators.length} and ${denominators.length}`,
    );
  }
  const below = logarithms("roundRatio: denominators", denominators);
  const ratios = logarithms("roundRatio: numerators", numerators).map((above, round) => above - below[round]);
  const interval = interpolatedMedianInterval(ratios, confidence);
  if (interval === null) return null;
  return { ratio: Math.exp(median(ratios)), low: Math.exp(interval.low), high: Math.exp(interval.high) };
}
