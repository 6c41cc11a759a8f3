import { FailureError, textOf } from "../core/errors.ts";
import type { Runnable } from "../kernels/kernel.ts";

/**
 * Watches how long a kernel says that it chooses: the function returned says for how many seconds since, null if it does
 * not count them. That may be no longer than `wall` seconds, in which its calls were made.
 */
export function watchSelectSeconds(runnable: Runnable): (wall: number) => number | null {
  const read = (): unknown => runnable.selectSeconds?.() ?? null;
  const before = read();
  if (before === null) return () => null;
  return (wall) => {
    const now = read();
    const seconds = typeof now === "number" && typeof before === "number" ? now - before : Number.NaN;
    if (seconds >= 0 && seconds <= wall + CLOCK_S) return seconds;
    throw new FailureError(
      `verification: selectSeconds() must grow by at most the ${wall.toPrecision(3)} s that its calls took, got ${textOf(before)} and then ${textOf(now)}`,
    );
  };
}

/** Two clocks may differ by so much. */
const CLOCK_S = 1e-4;
