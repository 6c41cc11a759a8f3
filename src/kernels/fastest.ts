import { leastSample } from "../platform/clock-step.ts";

/**
 * Seconds of the fastest call within `seconds`, of at least one: of a batch, where a call is shorter than a coarse clock
 * can tell.
 */
export function fastest(seconds: number, call: () => void, leastSample_s = leastSample()): number {
  let least = Number.POSITIVE_INFINITY;
  let calls = 1;
  const begun = performance.now();
  do {
    const before = performance.now();
    for (let made = 0; made < calls; made++) call();
    const took = performance.now() - before;
    if (took < 1000 * leastSample_s) calls *= 2;
    else least = Math.min(least, took / calls);
  } while (performance.now() - begun < seconds * 1000 || least === Number.POSITIVE_INFINITY);
  return least / 1000;
}
