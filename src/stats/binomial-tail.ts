import { logChoose } from "./log-choose.ts";

/**
 * The probability of at least `successes` in `trials` that succeed with this probability each: summed
 * outwards from the boundary, over the side that does not contain the mean, so that small tails keep their
 * digits.
 */
export function binomialTail(successes: number, trials: number, probability: number): number {
  if (!(0 <= probability && probability <= 1)) {
    throw new RangeError(`binomialTail: probability must lie within 0 and 1, got ${probability}`);
  }
  if (successes <= 0) return 1;
  if (successes > trials) return 0;
  if (probability === 0 || probability === 1) return probability;
  const mirrored = successes <= trials * probability;
  const [from, share] = mirrored ? [trials - successes + 1, 1 - probability] : [successes, probability];
  const odds = share / (1 - share);
  let term = Math.exp(
    logChoose(trials, from) + from * Math.log(share) + (trials - from) * Math.log1p(-share),
  );
  let sum = 0;
  for (let count = from; count <= trials && term > 1e-17 * sum; count++) {
    sum += term;
    term *= ((trials - count) / (count + 1)) * odds;
  }
  return mirrored ? 1 - sum : sum;
}
