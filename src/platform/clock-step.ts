import { CLOCK_STEPS } from "../core/clock-steps.ts";

/** Readings of the clock, and how many more it may take to see enough steps. */
const READINGS = { usual: 1000, most: 1_000_000 } as const;
/** In a thousand readings a browser's clock, which steps by up to a millisecond, may show one step or none. */
const LEAST_STEPS = 10;

/** The smallest observed step of the clock, in seconds; 0 if it stood still. */
export function observedStep(): number {
  let smallest = Number.POSITIVE_INFINITY;
  let steps = 0;
  let last = performance.now();
  for (let reading = 0; reading < (steps < LEAST_STEPS ? READINGS.most : READINGS.usual); reading++) {
    const now = performance.now();
    if (now > last) {
      smallest = Math.min(smallest, now - last);
      steps++;
    }
    last = now;
  }
  return steps === 0 ? 0 : smallest / 1000;
}

/** Calls may turn out to be faster than expected: samples aim at more steps than they must last. */
const MORE_STEPS = 1.5;
/** A finer clock, as Node's, tells all that is ever timed. */
const FINE_S = 0.5e-6;

/**
 * Seconds that calls must be timed together for at least, by a clock of the given step: `CLOCK_STEPS` steps and some more;
 * 0 if the clock is fine.
 */
export function leastSample(step_s: number = CLOCK_STEP_S): number {
  return step_s < FINE_S ? 0 : MORE_STEPS * CLOCK_STEPS * step_s;
}

/** Whether that many seconds, of calls timed together, are fewer steps than a coarse clock needs. */
export function isTooShort(seconds: number, step_s: number = CLOCK_STEP_S): boolean {
  return step_s >= FINE_S && seconds < CLOCK_STEPS * step_s;
}

/** A bound that fine clocks can tell, or as many steps of this one as it takes to tell one. */
export function inSteps(seconds: number, steps: number): number {
  return Math.max(seconds, steps * CLOCK_STEP_S);
}

/** The clock's step in seconds, seen before anything else runs: tens of nanoseconds in Node, 5 µs to 1 ms in browsers. */
export const CLOCK_STEP_S = observedStep();
