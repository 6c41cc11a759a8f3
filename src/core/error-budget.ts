/** Distance between neighbouring float32 numbers at 1. */
const FLOAT32_EPSILON = 2 ** -23;

/** Compares a kernel's rows with a float64 reference, and sets the budget by what float32 itself costs on the same rows. */
export interface RowErrors {
  /** Largest |output - reference|. */
  error: number;
  /** Largest |float32 reference - float64 reference|. */
  float32Error: number;
  /** Largest |float64 reference|. */
  magnitude: number;
  /** Largest |logit|. */
  largestLogit: number;
}

/**
 * The error that is allowed: twice what a float32 pass of the same reference errs, plus one rounding of the output, plus
 * what one rounding of the largest logit does to a weight. The last term matters where the float32 pass happened to be
 * lucky: an error δ in a logit moves its weight by the factor 1 + δ. No tolerance is set by hand.
 */
export function errorBudget({ float32Error, magnitude, largestLogit }: Omit<RowErrors, "error">): number {
  return 2 * (float32Error + FLOAT32_EPSILON * magnitude * (1 + largestLogit));
}
