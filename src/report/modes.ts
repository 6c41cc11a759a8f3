import type { CaseRow, Results } from "../record/case-row.ts";
import { modeOf } from "../record/schema/case-task.ts";

/** Whether one call of the case makes one token, by a state or by recomputing. Its `length` is a position. */
export function isStep(row: Pick<CaseRow, "mode">): boolean {
  return modeOf(row) !== "forward";
}

/** The results with their forward passes alone. */
export function forwardsOf<R extends Pick<Results, "rows">>(results: R): R {
  return { ...results, rows: results.rows.filter((row) => !isStep(row)) };
}

/** The results with their steps alone. */
export function stepsOf<R extends Pick<Results, "rows">>(results: R): R {
  return { ...results, rows: results.rows.filter(isStep) };
}

/** Forward passes and steps apart, where results have both: no table and no sentence holds one against the other. */
export function partsOf<R extends Pick<Results, "rows">>(results: R): readonly R[] {
  const parts = [forwardsOf(results), stepsOf(results)].filter(({ rows }) => rows.length > 0);
  return parts.length === 2 ? parts : [results];
}
