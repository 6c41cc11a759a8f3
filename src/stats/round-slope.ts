import { interpolatedMedianInterval } from "./interpolated-median-interval.ts";
import { leastSquares } from "./least-squares.ts";
import type { Slope } from "./log-log-slope.ts";
import { logarithms } from "./logarithms.ts";
import { median } from "./median.ts";

/**
 * The mean exponent between the smallest and the largest of these x: in each round, which has one y for each
 * x, the least-squares slope of log y on log x; of these slopes the median, and its interval over rounds. A
 * round is the block that is resampled: what slows all of it alike cancels, and one that is far off moves
 * neither slope nor interval by much. The exponent may change between these x: this is the mean exponent
 * here, not a law beyond. Null for fewer than two distinct x or, at 95 %, six rounds. Refuses values that are
 * not positive and finite.
 */
export function roundSlope(
  x: ArrayLike<number>,
  rounds: readonly ArrayLike<number>[],
  confidence = 0.95,
): Slope | null {
  const logX = logarithms("roundSlope: x", x);
  const slopes = rounds.map((y) => {
    if (y.length !== x.length) {
      throw new RangeError(`roundSlope: a round must have one y for each x, got ${y.length} and ${x.length}`);
    }
    return leastSquares(logX, logarithms("roundSlope: y", y)).slope;
  });
  if (new Set(Array.from(x)).size < 2) return null;
  const interval = interpolatedMedianInterval(slopes, confidence);
  return interval === null ? null : { slope: median(slopes), ...interval };
}
