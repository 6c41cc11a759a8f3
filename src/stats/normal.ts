/** The density of the standard normal distribution. */
function normalDensity(z: number): number {
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
}

/**
 * The probability that a standard normal variable is at most z, with a relative error under 1e-13 for z ≥ -6
 * and under 1e-12 down to -30. Near 0 by the series z + z³/3 + z⁵/15 + … (Abramowitz & Stegun 26.2.11),
 * further out by the continued fraction of the tail (26.2.14), which loses nothing however small the tail is.
 */
export function normalCdf(z: number): number {
  if (Number.isNaN(z)) throw new RangeError("normalCdf: z must be a number, got NaN");
  if (z > 2) return 1 - tail(z);
  if (z < -2) return tail(-z);
  let term = z;
  let sum = z;
  for (let odd = 3; Math.abs(term) > 1e-18; odd += 2) {
    term *= (z * z) / odd;
    sum += term;
  }
  return 0.5 + normalDensity(z) * sum;
}

/** The probability beyond z ≥ 2, from the innermost of enough fractions outwards. */
function tail(z: number): number {
  let fraction = z;
  for (let depth = 120; depth >= 1; depth--) fraction = z + depth / fraction;
  return normalDensity(z) / fraction;
}

/**
 * The z below which a standard normal variable lies with this probability: the inverse of `normalCdf`, by
 * bisection down to adjacent numbers. Near 1 it is as exact as the probability itself: pass the small tail
 * and negate the result.
 */
export function normalQuantile(probability: number): number {
  if (!(0 < probability && probability < 1)) {
    throw new RangeError(`normalQuantile: probability must lie between 0 and 1, got ${probability}`);
  }
  if (probability > 0.5) return -normalQuantile(1 - probability);
  let low = -40;
  let high = 0;
  for (;;) {
    const middle = (low + high) / 2;
    if (!(low < middle && middle < high)) return high;
    if (normalCdf(middle) < probability) low = middle;
    else high = middle;
  }
}
