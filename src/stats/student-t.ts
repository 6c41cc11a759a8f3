/** The t with P(|T| ≤ t) = `confidence` for Student's distribution: the factor of a two-sided interval. */
export function studentT(confidence: number, freedom: number): number {
  if (!(0 < confidence && confidence < 1)) {
    throw new RangeError(`studentT: confidence must lie between 0 and 1, got ${confidence}`);
  }
  return studentTQuantile((1 - confidence) / 2, freedom);
}

/**
 * The t with P(T > t) = `tail` for Student's distribution with `freedom` degrees of freedom, a whole number,
 * to a relative 1e-12 for tails from 1e-12 to 0.49: the factor of a one-sided bound. With t = √freedom · tan
 * θ both the probability within ±t and the one beyond are sums of powers of cos θ (Abramowitz & Stegun 26.7.3
 * and 26.7.4), the one finite and the other the rest of the same series. Bisection finds the angle's
 * complement down to adjacent numbers: far out, that is the small one of the two.
 */
export function studentTQuantile(tail: number, freedom: number): number {
  if (!(0 < tail && tail <= 0.5)) {
    throw new RangeError(`studentTQuantile: tail must lie above 0 and at most at 0.5, got ${tail}`);
  }
  if (!(Number.isInteger(freedom) && freedom >= 1)) {
    throw new RangeError(
      `studentTQuantile: degrees of freedom must be a whole number from 1, got ${freedom}`,
    );
  }
  if (tail === 0.5) return 0;
  // The tail is found without cancellation, but slowly if it is not small.
  const isBeyond =
    tail > 0.01
      ? (angle: number) => probabilityWithin(angle, freedom) > 1 - 2 * tail
      : (angle: number) => probabilityBeyond(angle, freedom) < 2 * tail;
  let low = 0;
  let high = Math.PI / 2;
  for (;;) {
    const middle = (low + high) / 2;
    if (!(low < middle && middle < high)) break;
    if (isBeyond(middle)) low = middle;
    else high = middle;
  }
  return Math.sqrt(freedom) / Math.tan(high);
}

/**
 * P(|T| > t) for t ≥ 0, including infinity: the two-sided p-value of a t, small ones without loss of digits.
 */
export function studentTBeyond(t: number, freedom: number): number {
  if (!(t >= 0)) throw new RangeError(`studentTBeyond: t must be at least 0, got ${t}`);
  if (!(Number.isInteger(freedom) && freedom >= 1)) {
    throw new RangeError(`studentTBeyond: degrees of freedom must be a whole number from 1, got ${freedom}`);
  }
  const angle = Math.atan(Math.sqrt(freedom) / t);
  return t > 2 ? probabilityBeyond(angle, freedom) : 1 - probabilityWithin(angle, freedom);
}

/** P(|T| ≤ t), where `angle` is π/2 - θ. */
function probabilityWithin(angle: number, freedom: number): number {
  const odd = freedom % 2 === 1;
  const theta = Math.PI / 2 - angle;
  if (freedom === 1) return (2 * theta) / Math.PI;
  const cosine = Math.sin(angle);
  let term = odd ? cosine : 1;
  let sum = term;
  for (let power = odd ? 3 : 2; power <= freedom - 2; power += 2) {
    term *= ((power - 1) / power) * cosine * cosine;
    sum += term;
  }
  const series = Math.cos(angle) * sum;
  return odd ? (2 / Math.PI) * (theta + series) : series;
}

/**
 * P(|T| > t): the terms that `probabilityWithin` omits, since all of them sum to 1, or to π/2 - θ for odd
 * degrees.
 */
function probabilityBeyond(angle: number, freedom: number): number {
  const odd = freedom % 2 === 1;
  const cosine = Math.sin(angle);
  let term = odd ? cosine : 1;
  let sum = 0;
  for (let power = odd ? 1 : 0; power < freedom || term > 1e-17 * sum; power += 2) {
    if (power >= freedom) sum += term;
    term *= ((power + 1) / (power + 2)) * cosine * cosine;
  }
  return Math.cos(angle) * sum * (odd ? 2 / Math.PI : 1);
}
