import type { Results } from "../../record/case-row.ts";

/** Whether results say what was learned, and neither hold nor plan a case: nothing in their report is about times. */
export function isLearnedOnly({ learned, rows, run }: Results): boolean {
  return learned !== undefined && rows.length === 0 && run.plan.cases.length === 0;
}
