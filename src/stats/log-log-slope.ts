import { leastSquares } from "./least-squares.ts";
import { logarithms } from "./logarithms.ts";
import { studentT } from "./student-t.ts";

/** A fitted exponent of growth: y ~ x^slope, with the ends of its interval. */
export interface Slope {
  readonly slope: number;
  readonly low: number;
  readonly high: number;
  readonly confidence: number;
}

/**
 * The least-squares slope of log y on log x, with Student's interval on `count - 2` degrees of freedom
 * (Draper & Smith 1998, section 1.4). How far a point lies off the line is the sum of its own noise and of
 * the line's lack of fit there, so the interval holds both, in whatever proportion; what all points share,
 * such as a slow machine, does not matter. Points that scatter unequally cost coverage: with three times the
 * noise at one end, 88 to 93 %. A curve that bends widens the interval. Null for fewer than four distinct x,
 * when an interval would say next to nothing. Refuses values that are not positive and finite.
 */
export function logLogSlope(x: ArrayLike<number>, y: ArrayLike<number>, confidence = 0.95): Slope | null {
  if (x.length !== y.length) {
    throw new RangeError(`logLogSlope: x and y must be equally many, got ${x.length} and ${y.length}`);
  }
  const logX = logarithms("logLogSlope: x", x);
  const logY = logarithms("logLogSlope: y", y);
  if (new Set(Array.from(x)).size < 4) return null;
  const { slope, squares, residual } = leastSquares(logX, logY);
  const freedom = logX.length - 2;
  const halfWidth = studentT(confidence, freedom) * Math.sqrt(residual / freedom / squares);
  return { slope, low: slope - halfWidth, high: slope + halfWidth, confidence };
}
