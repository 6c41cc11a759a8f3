/** Pearson's statistic of observed counts against equally likely outcomes; its degrees of freedom are outcomes - 1. */
export function chiSquare(counts: readonly number[]): number {
  let total = 0;
  for (const count of counts) total += count;
  const expected = total / counts.length;
  let statistic = 0;
  for (const count of counts) statistic += (count - expected) ** 2 / expected;
  return statistic;
}

/** The standard normal's 0.9995 quantile: a fair statistic lies outside ± this once in a thousand seeds. */
export const Z_TWO_SIDED_999 = 3.2905;

/** The 0.999 quantile of chi-square, by Wilson and Hilferty's cube: a fair one exceeds it once in a thousand seeds. */
export function chiSquare999(degreesOfFreedom: number): number {
  const spread = 2 / (9 * degreesOfFreedom);
  return degreesOfFreedom * (1 - spread + 3.0902 * Math.sqrt(spread)) ** 3;
}
