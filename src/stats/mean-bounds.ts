import { studentTQuantile } from "./student-t.ts";

/** A mean with its bounds. */
export interface MeanBounds {
  readonly mean: number;
  /**
   * Student's one-sided bounds (1908, Biometrika 6, 1-25): each fails to bound the true mean with probability
   * `tail`.
   */
  boundsAt(tail: number): { readonly low: number; readonly high: number };
}

/**
 * Of independent values; bounds need two. Refuses, with a message that begins with `where`, fewer than
 * `least` and what is not finite.
 */
export function meanBounds(where: string, values: ArrayLike<number>, least = 1): MeanBounds {
  const count = values.length;
  if (!(count >= least)) {
    throw new RangeError(`${where}: at least ${least} blocks are needed, got ${count}`);
  }
  // Summed as distances from the first, so that the mean of equal values is that value to the last digit.
  let sum = 0;
  for (let at = 0; at < count; at++) {
    if (!Number.isFinite(values[at])) {
      throw new RangeError(`${where}: log ratios must be finite, got ${values[at]}`);
    }
    sum += values[at] - values[0];
  }
  const mean = values[0] + sum / count;
  let squares = 0;
  for (let at = 0; at < count; at++) squares += (values[at] - mean) ** 2;
  const error = Math.sqrt(squares / (count - 1) / count);
  return {
    mean,
    boundsAt(tail) {
      const reach = error * studentTQuantile(tail, count - 1);
      return { low: mean - reach, high: mean + reach };
    },
  };
}
