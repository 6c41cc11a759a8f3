import type { Estimate } from "./lag-one.ts";

/**
 * Estimates of one quantity in several subjects, each drawn towards their mean by as much as its own error exceeds what
 * the subjects differ: empirical Bayes with normal distributions (Efron & Morris 1975, JASA 70, 311-319), the variance
 * between subjects by moments (DerSimonian & Laird 1986). Fewer than five are left as they are: what they differ is not
 * known.
 */
export function partiallyPooled(estimates: readonly Estimate[]): readonly Estimate[] {
  if (estimates.length < FEWEST) return estimates;
  const weights = estimates.map(({ error }) => 1 / error ** 2);
  const total = sumOf(weights);
  const mean = sumOf(estimates.map(({ value }, at) => weights[at] * value)) / total;
  const excess =
    sumOf(estimates.map(({ value }, at) => weights[at] * (value - mean) ** 2)) - (estimates.length - 1);
  const between = Math.max(0, excess / (total - sumOf(weights.map((weight) => weight ** 2)) / total));
  return estimates.map(({ value, error }) => {
    const own = between / (between + error ** 2);
    return {
      value: mean + own * (value - mean),
      error: Math.sqrt(own * error ** 2 + (1 - own) ** 2 / total),
    };
  });
}

const FEWEST = 5;

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
