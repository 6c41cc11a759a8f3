import { formatPercent } from "../text/format.ts";
import type { TimeVerdict } from "./comparison.ts";
import { FAMILY_ERROR } from "./detectable-share.ts";

/** What a cell's times say, with all that a verdict rests on. */
export interface Evidence {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  /** The probability of such times if nothing changed; and the same, given that all cells were considered. */
  readonly p: number;
  readonly adjustedP: number;
}

/**
 * The verdict on a ratio with its interval, and whether it is surely not 1 in view of all cells considered.
 */
export function sizedVerdict(
  { ratio, low, high }: Pick<Evidence, "ratio" | "low" | "high">,
  sure: boolean,
  threshold: number,
): TimeVerdict {
  if (isLarge(ratio, threshold) && sure && (low > 1 || high < 1)) return ratio > 1 ? "slower" : "faster";
  return low >= 1 - threshold && high <= 1 + threshold ? "same" : "unresolved";
}

function isLarge(ratio: number, threshold: number): boolean {
  return ratio >= 1 + threshold || ratio <= 1 - threshold;
}

/**
 * A change is called one if it is both certain, over all cells considered, and as large as the threshold; no
 * change if the interval leaves no room for one. A note says when neither applies.
 */
export function verdictOf(
  { ratio, low, high, p, adjustedP }: Evidence,
  threshold: number,
): { readonly verdict: TimeVerdict; readonly note: string | null } {
  const verdict = sizedVerdict({ ratio, low, high }, adjustedP <= FAMILY_ERROR, threshold);
  if (verdict !== "unresolved") return { verdict, note: null };
  const large = isLarge(ratio, threshold);
  const sure = adjustedP <= FAMILY_ERROR && (low > 1 || high < 1);
  const way = ratio > 1 ? "slower" : "faster";
  if (sure) {
    return { verdict: "unresolved", note: `${way}, but perhaps by less than ${formatPercent(threshold)}` };
  }
  const alone = large && p <= FAMILY_ERROR && (low > 1 || high < 1);
  return {
    verdict: "unresolved",
    note: alone ? `${way} if it were the only cell; among this many it may be chance` : null,
  };
}
