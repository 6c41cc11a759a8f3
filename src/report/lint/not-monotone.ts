import type { CaseRow } from "../../record/case-row.ts";
import { isTimed, type TimedRow } from "../speed-up.ts";
import type { Check } from "./check.ts";

/**
 * Less time than at the next shorter length, although no less was computed; for steps, whose work may stay
 * the same, although more was.
 */
export const notMonotone: Check = {
  id: "not-monotone",
  find: ({ series }) =>
    series.flatMap((one) => {
      const timed = one.rows.filter(isTimed);
      return timed.flatMap((row, index) => {
        const shorter = timed[index - 1];
        if (shorter === undefined || !isFaster(row, shorter)) return [];
        const step = one.operation.keepsState;
        return (step ? computesLess(shorter, row) : !computesLess(row, shorter))
          ? [{ text: step ? STEP_TEXT : TEXT, series: one, row }]
          : [];
      });
    }),
};

const TEXT =
  "takes less time than the next shorter length, though it computes no less: a fixed cost outweighs the work, or one of the two was disturbed; measure both again, and longer lengths";

const STEP_TEXT =
  "takes less time for a token than at the position before, though it computes more: a fixed cost outweighs the work, or one of the two was disturbed; measure both again, and later positions";

function computesLess(row: CaseRow, other: CaseRow): boolean {
  return (row.executed_flops ?? 0) < (other.executed_flops ?? 0);
}

/** If the intervals do not overlap; a bare median must be lower by more than a clock's rounding. */
function isFaster(row: TimedRow, other: TimedRow): boolean {
  if (row.high_s !== null && other.low_s !== null) return row.high_s < other.low_s;
  return row.median_s < ROUNDING * other.median_s;
}

const ROUNDING = 0.98;
