/** Distance between neighbouring float32 numbers at 1. */
export const FLOAT32_EPSILON = 2 ** -23;

/** The smallest normal float32 number. Smaller ones may be flushed to zero. */
export const FLOAT32_LEAST = 2 ** -126;

/** The smallest float32 number above zero: bounds the error of rounding a smaller number. */
export const FLOAT32_TINIEST = 2 ** -149;

/**
 * The error allowed in one element, if one float32 rounding of everything that goes into it may move it by
 * `slack`: twice that, and twice the error of a float32 pass of the reference, which is `rounding` times the
 * slack in the worst of the elements examined. The former matters if that pass happened to be lucky. No
 * tolerance is set by hand, and no element's numbers loosen what is allowed in another.
 */
export function errorBudget(slack: number, rounding: number): number {
  return 2 * (1 + rounding) * slack;
}
