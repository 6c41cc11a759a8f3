import * as z from "zod";

/** What lines of files are made of, with the bounds that every reader relies on. */

export const text = z.string().max(20_000);
export const count = z.number().int().nonnegative();
/**
 * Counted or measured: 0, or a number within generous bounds for its kind, so that ratios, products and
 * logarithms of what a file holds are numbers, whoever wrote it. The one rule for all readers.
 */
export const measured = within(1e-30, 1e30);
/** Seconds that something took, which may be too short for the clock. */
export const seconds = within(1e-12, 1e9);
/** Seconds from one moment to another, and all else that is a difference of readings. */
export const elapsed = z.number().nonnegative().max(1e9);
/** Seconds per call, or of what contains calls: never zero, since times are divided by one another. */
export const callSeconds = z
  .number()
  .refine((value) => value >= 1e-12 && value <= 1e9, "must be from 1e-12 to 1e9 seconds, as calls take");
/** Errors can be smaller than anything else. */
export const error = within(1e-90, 1e90);

function within(least: number, most: number) {
  return z
    .number()
    .nonnegative()
    .refine(
      (value) => value === 0 || (value >= least && value <= most),
      `must be 0 or from ${least} to ${most}`,
    );
}
