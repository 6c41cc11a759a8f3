/** Steps over which the rate rises from 0. */
const WARM_UP = 50;

/** The rate of step 1 … `steps`: it rises in 50 steps to `rate` and falls along a cosine to 0. Loshchilov, Hutter 2016, arXiv 1608.03983. */
export function rateAt(step: number, steps: number, rate: number): number {
  return rate * Math.min(1, step / WARM_UP) * 0.5 * (1 + Math.cos((Math.PI * step) / steps));
}
