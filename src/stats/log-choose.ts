/**
 * The natural logarithm of the number of ways to choose `chosen` of `count`, to within 1e-15 of its largest
 * factorial's.
 */
export function logChoose(count: number, chosen: number): number {
  if (!(Number.isInteger(count) && Number.isInteger(chosen) && 0 <= chosen && chosen <= count)) {
    throw new RangeError(`logChoose: whole numbers are needed, at most ${count} of them, got ${chosen}`);
  }
  return logFactorial(count) - logFactorial(chosen) - logFactorial(count - chosen);
}

/** By multiplication if that is exact, else by Stirling's series (Abramowitz & Stegun 6.1.41). */
function logFactorial(n: number): number {
  if (n <= 18) {
    let product = 1;
    for (let factor = 2; factor <= n; factor++) product *= factor;
    return Math.log(product);
  }
  const x = n + 1;
  const inverse = 1 / (x * x);
  const series =
    (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse * (1 / 1680 - inverse / 1188)))) / x;
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series;
}
