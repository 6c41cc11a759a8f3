import { studentTQuantile } from "../stats/student-t.ts";

/** The probability of being wrong about any cell at all if none has changed. */
export const FAMILY_ERROR = 0.05;
/** How often an effect of the detectable size is seen. */
const POWER = 0.9;
/**
 * Noise is estimated from a few rounds, and the rank test asks for more than Student's. By simulation this
 * makes up for both: such an effect is then seen 19 times in 20 under normal noise, 17 in 20 if a tenth of
 * the rounds are disturbed.
 */
const MARGIN = 1.5;

/**
 * How well the logarithm of a ratio is known: its standard deviation, and the degrees of freedom that belong
 * to it.
 */
export interface Precision {
  readonly spread: number;
  readonly freedom: number;
}

/**
 * The smallest slow-down, as a share, that would be called one nine times in ten: far enough from no change
 * to be told from chance in the hardest place of Holm's order over this many cells, and far enough above the
 * threshold not to fall below it. Null if noise is too large for a finite number.
 */
export function detectableShare(
  { spread, freedom }: Precision,
  cells: number,
  threshold: number,
  familyError = FAMILY_ERROR,
): number | null {
  const noise = MARGIN * spread;
  const seen = noise * studentTQuantile(1 - POWER, freedom);
  const proven = noise * studentTQuantile(familyError / (2 * cells), freedom) + seen;
  const share = Math.expm1(Math.max(proven, Math.log1p(threshold) + seen));
  return Number.isFinite(share) ? share : null;
}
