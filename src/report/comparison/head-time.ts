import type { ComparedCell } from "../../compare/comparison.ts";

/** What head took for one call, in seconds; the ends are null if there is no interval. */
export interface HeadTime {
  readonly seconds: number;
  readonly low: number | null;
  readonly high: number | null;
}

/**
 * Head's time of one call, with the interval of the ratio around it: its uncertainty relative to base. Null
 * if it is not a time that a history could hold.
 */
export function headTime({ head_s, time: { ratio, low, high } }: ComparedCell): HeadTime | null {
  if (!isTime(head_s)) return null;
  const end = (bound: number | null): number | null => {
    const seconds = bound === null ? Number.NaN : (head_s * bound) / ratio;
    return isTime(seconds) ? seconds : null;
  };
  return { seconds: head_s, low: end(low), high: end(high) };
}

/** Whether both the time and its inverse, calls per second, are positive numbers. */
function isTime(seconds: number): boolean {
  return 1 / seconds > 0 && 1 / seconds < Number.POSITIVE_INFINITY;
}
