import type { Ratio } from "./round-ratio.ts";
import { studentT, studentTBeyond } from "./student-t.ts";

/** A ratio of means with its interval, and how certain it is not to be 1. */
export interface WelchRatio extends Ratio {
  /** Two-sided. */
  readonly p: number;
  /** Standard deviation of the logarithm of the ratio, and the degrees of freedom that belong to it. */
  readonly spread: number;
  readonly freedom: number;
}

/** Values on either side that an interval needs. */
const FEWEST = 6;

/**
 * The ratio of two means, head over base, of values that were measured separately: Welch's interval (1947,
 * Biometrika 34, 28-35) of the difference of the logarithms of the means, whose variance is that of the mean
 * over its square (delta method). Unlike a median's, it moves with a cost that falls on a few values. Null
 * with fewer than six values on either side; refuses values that are not positive and finite.
 */
export function welchRatio(
  base: ArrayLike<number>,
  head: ArrayLike<number>,
  confidence = 0.95,
): WelchRatio | null {
  const [below, above] = [moments("base", base), moments("head", head)];
  if (Math.min(base.length, head.length) < FEWEST) return null;
  const ratio = above.mean / below.mean;
  const [ofBase, ofHead] = [below.variance / below.mean ** 2, above.variance / above.mean ** 2];
  const spread = Math.sqrt(ofBase + ofHead);
  const least = Math.min(base.length, head.length) - 1;
  const quarters = ofBase ** 2 / (base.length - 1) + ofHead ** 2 / (head.length - 1);
  const freedom = quarters === 0 ? least : Math.max(least, Math.floor((ofBase + ofHead) ** 2 / quarters));
  const reach = spread * studentT(confidence, freedom);
  const p = ratio === 1 ? 1 : studentTBeyond(Math.abs(Math.log(ratio)) / spread, freedom);
  return { ratio, low: ratio * Math.exp(-reach), high: ratio * Math.exp(reach), p, spread, freedom };
}

/** The mean, and the variance of it. */
function moments(side: string, values: ArrayLike<number>): { mean: number; variance: number } {
  const count = values.length;
  let sum = 0;
  for (let at = 0; at < count; at++) {
    if (!(values[at] > 0 && values[at] < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`welchRatio: ${side} must be positive and finite, got ${values[at]}`);
    }
    sum += values[at];
  }
  const mean = sum / count;
  let squares = 0;
  for (let at = 0; at < count; at++) squares += (values[at] - mean) ** 2;
  return { mean, variance: squares / (count - 1) / count };
}
