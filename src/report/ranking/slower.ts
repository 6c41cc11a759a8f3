import type { Measured } from "./entry.ts";

// Runs in the page as well: imports types only.

/** Whether the intervals of two times do not overlap, or, if one has none, the time is more. */
export function isSlower(time: Measured, fastest: Measured): boolean {
  if (time.low === null || fastest.high === null) return time.value > fastest.value;
  return time.low > fastest.high;
}
