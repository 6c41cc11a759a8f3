import type { Comparison } from "../../compare/comparison.ts";

/** Raised whenever a reader of the old form would misread the new one. */
const COMPARISON_SCHEMA = 1;

/**
 * A comparison as JSON, for scripts: `schema`, the number of this form, and then all fields of `Comparison`
 * under their own names. Times are in seconds, ratios are head over base, shares are fractions, and what is
 * not known is null.
 */
export function comparisonJson(comparison: Comparison): string {
  return jsonText({ schema: COMPARISON_SCHEMA, ...comparison });
}

/** JSON without characters that a terminal obeys or a reader cannot see. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value, null, 2).replace(
    /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\ufffe\uffff]/gu,
    (character) =>
      // One by one, because a character beyond the 16 bits is written as two.
      Array.from(
        { length: character.length },
        (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`,
      ).join(""),
  );
  return `${text}\n`;
}
