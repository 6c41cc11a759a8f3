/** Distance between neighbouring float32 numbers at 1. */
const FLOAT32_EPSILON = 2 ** -23;

/** What the float64 and float32 references of a set of rows say about how exact float32 can be there. */
export interface Conditioning {
  /** Largest |float32 reference - float64 reference|. */
  readonly float32Error: number;
  /**
   * Largest product of the size of what an output's sums add up, before anything cancels, and 1 + the roundings that a
   * weight may be off by.
   */
  readonly magnified: number;
}

/**
 * The error that is allowed: twice what a float32 pass of the same reference errs, and twice one rounding of what goes
 * into a sum and of what goes into a weight. The latter matters where the float32 pass happened to be lucky, as it may be
 * in a head of one or two rows. Sizes are taken before anything cancels: a small output of large values is no more
 * exact than a large one. No tolerance is set by hand.
 */
export function errorBudget({ float32Error, magnified }: Conditioning): number {
  return 2 * (float32Error + FLOAT32_EPSILON * magnified);
}
