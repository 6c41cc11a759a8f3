import { studentT } from "./student-t.ts";

/** A fitted exponent of growth: y ~ x^slope, with the ends of its interval. */
export interface Slope {
  readonly slope: number;
  readonly low: number;
  readonly high: number;
  readonly confidence: number;
}

/**
 * The least-squares slope of log y on log x, with Student's interval on `count - 2` degrees of freedom (Draper & Smith
 * 1998, section 1.4). The interval holds where the logarithms scatter independently about one line; a curve that bends
 * widens it. Null from fewer than four distinct x, where an interval would say next to nothing. Refuses values that
 * are not positive and finite.
 */
export function logLogSlope(x: ArrayLike<number>, y: ArrayLike<number>, confidence = 0.95): Slope | null {
  if (x.length !== y.length) {
    throw new RangeError(`logLogSlope: as many x as y are needed, got ${x.length} and ${y.length}`);
  }
  const logX = logarithms("x", x);
  const logY = logarithms("y", y);
  if (new Set(Array.from(x)).size < 4) return null;
  const meanX = mean(logX);
  const meanY = mean(logY);
  let squares = 0;
  let products = 0;
  for (let i = 0; i < logX.length; i++) {
    squares += (logX[i] - meanX) ** 2;
    products += (logX[i] - meanX) * (logY[i] - meanY);
  }
  const slope = products / squares;
  let residual = 0;
  for (let i = 0; i < logX.length; i++) {
    residual += (logY[i] - meanY - slope * (logX[i] - meanX)) ** 2;
  }
  const freedom = logX.length - 2;
  const halfWidth = studentT(confidence, freedom) * Math.sqrt(residual / freedom / squares);
  return { slope, low: slope - halfWidth, high: slope + halfWidth, confidence };
}

function logarithms(name: string, values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values, (value) => {
    if (!(value > 0 && value < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`logLogSlope: ${name} must be positive and finite, got ${value}`);
    }
    return Math.log(value);
  });
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
