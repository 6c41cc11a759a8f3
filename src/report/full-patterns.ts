import type { CaseRow } from "../record/case-row.ts";
import { isFullAttention } from "../record/schema/baseline.ts";
import { FIDELITY_ROUNDING } from "../record/schema/beside-mean.ts";
import { operationOf } from "../record/schema/case-task.ts";
import { isAgainstFull } from "./against.ts";
import { placedRemarks } from "./places.ts";

/**
 * Says which sparse variants were full attention at some length, such as a bigbird that is shorter than its
 * blocks: every query attends every key, and time says nothing about the variant's pattern.
 */
export function fullPatterns(rows: readonly CaseRow[]): readonly string[] {
  return placedRemarks(rows, (row) => (isFull(row) ? [NOTE] : [])).map(
    ({ text, places }) => `${places}: ${text}`,
  );
}

const NOTE =
  "every query attends every key, as in full attention; a sparse variant takes longer sequences or smaller parameters to differ";

/**
 * A row of one key has no other; a step's pairs are not those of a whole sequence. However many pairs a case has, what is
 * further from full attention than rounding is not that: its scores or weights are others.
 */
function isFull(row: CaseRow): boolean {
  const { length, causal, pairs, queries } = row;
  const { unit, fullPairs } = operationOf(row);
  if (isFullAttention(row) || pairs === null || length < 2 || unit !== "pass") return false;
  if (!isAgainstFull(row) || (row.fidelity_error ?? 1) >= FIDELITY_ROUNDING) return false;
  return pairs === fullPairs(length, causal, undefined, queries);
}
