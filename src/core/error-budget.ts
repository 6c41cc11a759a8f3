/** Distance between neighbouring float32 numbers at 1. */
const FLOAT32_EPSILON = 2 ** -23;

/** What the float64 and float32 references of a set of rows say about how exact float32 can be there. */
export interface Conditioning {
  /** Largest |float32 reference - float64 reference|. */
  readonly float32Error: number;
  /** Largest product of a row's |output| and 1 + its largest |logit|. */
  readonly magnified: number;
}

/**
 * The error that is allowed: twice what a float32 pass of the same reference errs, and one rounding of the output and of
 * the largest logit. The last matters where the float32 pass happened to be lucky: an error δ in a logit moves its
 * weight by the factor 1 + δ. No tolerance is set by hand.
 */
export function errorBudget({ float32Error, magnified }: Conditioning): number {
  return 2 * (float32Error + FLOAT32_EPSILON * magnified);
}
