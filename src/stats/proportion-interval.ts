import { binomialTail } from "./binomial-tail.ts";
import type { Interval } from "./median-interval.ts";

/**
 * Clopper and Pearson's exact interval of a proportion (1934, Biometrika 26, 404-413): the proportions under
 * which neither this many successes or more, nor this few or fewer, would be rarer than (1 - confidence)/2.
 * It covers the proportion with at least `confidence`. For a bound on one side only, pass twice the error:
 * 0.9 for one of 95 %.
 */
export function proportionInterval(successes: number, trials: number, confidence = 0.95): Interval {
  if (!(Number.isInteger(trials) && trials >= 1)) {
    throw new RangeError(`proportionInterval: trials must be a whole number from 1, got ${trials}`);
  }
  if (!(Number.isInteger(successes) && 0 <= successes && successes <= trials)) {
    throw new RangeError(
      `proportionInterval: successes must be a whole number up to ${trials}, got ${successes}`,
    );
  }
  if (!(0 < confidence && confidence < 1)) {
    throw new RangeError(`proportionInterval: confidence must lie between 0 and 1, got ${confidence}`);
  }
  const beyond = (1 - confidence) / 2;
  return {
    low: successes === 0 ? 0 : lowerBound(successes, trials, beyond),
    high: successes === trials ? 1 : 1 - lowerBound(trials - successes, trials, beyond),
    confidence,
  };
}

/** The proportion under which at least this many successes have the probability `beyond`. */
function lowerBound(successes: number, trials: number, beyond: number): number {
  let low = 0;
  let high = 1;
  for (;;) {
    const middle = (low + high) / 2;
    if (!(low < middle && middle < high)) return low;
    if (binomialTail(successes, trials, middle) < beyond) low = middle;
    else high = middle;
  }
}
