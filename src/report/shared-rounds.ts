import type { CaseRow } from "../record/case-row.ts";
import type { MediansByCase } from "../stats/round-medians.ts";

/**
 * The medians of these cases in each round that all of them have, one list per round; zeros, which have no
 * logarithm, are omitted.
 */
export function sharedRounds(
  rows: readonly CaseRow[],
  medians: MediansByCase,
): readonly (readonly number[])[] {
  const own = rows.map((row) => medians.get(row.case));
  return [...(own[0]?.keys() ?? [])]
    .map((round) => own.map((one) => one?.get(round) ?? 0))
    .filter((values) => values.every((value) => value > 0 && value < Number.POSITIVE_INFINITY));
}
