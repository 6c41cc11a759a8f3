import type { FoundChange } from "../../history/changes/check-changes.ts";
import { rangeOf } from "./change-groups.ts";

/** A change as JSON has it. */
export function changeJson(found: FoundChange) {
  const { series, change, now, accepted } = found;
  const { good, bad } = rangeOf(found);
  const { commit, committed } = series.points[change.index];
  return {
    cell: series.cell,
    machine: series.machine,
    ratio: change.ratio,
    low: change.low,
    high: change.high,
    p: change.p,
    /** The last level over that before the change. */
    now,
    first: commit,
    committed,
    before: change.before,
    /** For `attnbench bisect`. */
    good,
    bad,
    accepted: accepted === null ? null : { why: accepted.why, at: accepted.accepted },
  };
}
