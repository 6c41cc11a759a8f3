import type { CaseRow, Results } from "../record/case-row.ts";
import { quotient } from "../stats/quotient.ts";
import type { Series } from "./series.ts";
import { isTimed, timesAsFastAnywhere } from "./speed-up.ts";

/** One function at one length, computed in two ways. */
export interface BothWays {
  readonly length: number;
  readonly row: CaseRow;
  readonly twin: CaseRow;
  /** How many times as long the one takes as its twin. */
  readonly times: number;
  /** How many times as many operations its mathematics requires. */
  readonly flops: number;
}

/** At every length at which a series and what computes the same were measured, rising. */
export function bothWaysOf(
  { rows }: Series,
  { twins, rows: all }: Pick<Results, "twins" | "rows">,
): readonly BothWays[] {
  if (twins === undefined) return [];
  return rows.flatMap((row) => {
    const name = twins.get(row.case);
    const twin = name === undefined ? undefined : all.find((one) => one.case === name);
    if (twin === undefined || !isTimed(row) || !isTimed(twin)) return [];
    const times = timesAsFastAnywhere(row, twin)?.ratio ?? null;
    const flops = quotient(row.useful_flops, twin.useful_flops);
    return times === null || flops === null ? [] : [{ length: row.length, row, twin, times, flops }];
  });
}
