import { formatRatio } from "../core/format.ts";
import type { CaseRow } from "../record/case-row.ts";
import { formatPercent } from "./cell.ts";

/** What a table says of one case's limits, by the head of the column; `–` where it is not known. */
export const limitCells: Readonly<Record<string, (row: CaseRow) => string>> = {
  "of ceiling": ({ percent_of_ceiling: percent }) => (percent === null ? "–" : formatPercent(percent / 100)),
  ideal: ({ ideal_speedup: ratio }) => (ratio === null ? "–" : formatRatio(ratio)),
  "of ideal": ({ achieved_over_ideal: share }) => (share === null ? "–" : formatPercent(share)),
};
