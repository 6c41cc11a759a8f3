/**
 * The t with P(|T| ≤ t) = `confidence` for Student's distribution with `freedom` degrees of freedom, a whole number:
 * the factor of a two-sided interval. With t = √freedom · tan θ the probability is a finite sum of powers of cos θ
 * (Abramowitz & Stegun 26.7.3 and 26.7.4), which is increasing in θ and inverted by bisection down to adjacent numbers.
 */
export function studentT(confidence: number, freedom: number): number {
  if (!(0 < confidence && confidence < 1)) {
    throw new RangeError(`studentT: confidence must lie between 0 and 1, got ${confidence}`);
  }
  if (!(Number.isInteger(freedom) && freedom >= 1)) {
    throw new RangeError(`studentT: degrees of freedom must be a whole number from 1, got ${freedom}`);
  }
  let low = 0;
  let high = Math.PI / 2;
  for (;;) {
    const middle = (low + high) / 2;
    if (!(low < middle && middle < high)) break;
    if (probabilityWithin(middle, freedom) < confidence) low = middle;
    else high = middle;
  }
  return Math.sqrt(freedom) * Math.tan(low);
}

function probabilityWithin(theta: number, freedom: number): number {
  const odd = freedom % 2 === 1;
  if (freedom === 1) return (2 * theta) / Math.PI;
  const cosine = Math.cos(theta);
  let term = odd ? cosine : 1;
  let sum = term;
  for (let power = odd ? 3 : 2; power <= freedom - 2; power += 2) {
    term *= ((power - 1) / power) * cosine * cosine;
    sum += term;
  }
  const series = Math.sin(theta) * sum;
  return odd ? (2 / Math.PI) * (theta + series) : series;
}
