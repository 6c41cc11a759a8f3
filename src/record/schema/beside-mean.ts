import type { CaseLine } from "./result-lines.ts";

/** The fidelity of a case; files from before there was a yardstick have none. */
export type Fidelity = Pick<CaseLine, "fidelity_error" | "mean_fidelity_error">;

/** Smaller fidelity errors than this are rounding: such a variant is what it is compared with. */
export const FIDELITY_ROUNDING = 1e-3;

/** An error that is larger than another by no more than this factor is as large. */
const ALIKE = 1.001;

/**
 * Whether a case is further from what it approximates than the mean of v, which looks at neither q nor k: then
 * on this input its weights are worth less than none at all. False if either error is unknown.
 */
export function isWorseThanMean({ fidelity_error: error, mean_fidelity_error: mean }: Fidelity): boolean {
  return error !== null && typeof mean === "number" && error > FIDELITY_ROUNDING && error > ALIKE * mean;
}
