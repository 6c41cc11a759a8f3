import type { CaseRow } from "../../record/case-row.ts";
import { rowAt, type Series } from "../series.ts";
import { isTimed } from "../speed-up.ts";
import { bothPassesOf } from "../training.ts";
import type { Check } from "./check.ts";

/** Cases whose forward and backward pass in one call take less time than their forward pass alone. */
export const quickerWithGradients: Check = {
  id: "quicker-with-gradients",
  find({ series, results }) {
    const forwards = new Map<CaseRow, Series>(
      bothPassesOf(results.rows).flatMap(({ training, forward }) =>
        training.rows.map((row) => [row, forward] as const),
      ),
    );
    return series.flatMap((one) =>
      one.rows.flatMap((row) => {
        const alone = rowAt(forwards.get(row) ?? null, row.length);
        return alone !== undefined && isQuicker(row, alone) ? [{ text: TOLD, series: one, row }] : [];
      }),
    );
  },
};

const TOLD =
  "forward and backward together took less time than the forward pass alone: something else was running, or the forward pass is by a slower way than in training; run again at a quiet time";

/** By more than noise, which intervals tell. */
function isQuicker(both: CaseRow, alone: CaseRow): boolean {
  if (!isTimed(both) || !isTimed(alone)) return false;
  return both.high_s !== null && alone.low_s !== null && both.high_s < alone.low_s;
}
