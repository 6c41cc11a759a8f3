/** A ratio of measurements; null if one is not known, or if it is not a positive finite number. */
export function quotient(numerator: number | null, denominator: number | null): number | null {
  if (numerator === null || denominator === null) return null;
  const ratio = numerator / denominator;
  return ratio > 0 && ratio < Number.POSITIVE_INFINITY ? ratio : null;
}
