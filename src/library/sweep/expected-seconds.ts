import type { Plan, PlannedCase } from "../../record/schema/result-lines.ts";
import { checkSeconds } from "../../run/check-seconds.ts";
import type { MeasuredProblems } from "../../run/measured-problems.ts";

/** Seconds of a slot, of which a round has one for each case, with what is checked after it. */
const SLOT_S = 0.03;
/** Calls in a round at least: one that is timed, and one of which all is compared. */
const CALLS_IN_ROUND = 2;
/** Calls of a verification, some of them by another kernel, in calls of the case's own. */
const CALLS_IN_CHECK = 12;
/** Seconds of a verification that takes no time. */
const CHECK_S = 0.1;

/**
 * Seconds that a run is expected to spend on one of its cases: verification, and its slot in every round until its deadline.
 * What is skipped, since it could not be done within the budget, takes none.
 */
export function expectedSeconds(
  planned: PlannedCase,
  { rounds, budget_s: budget, deadline_s: deadline }: Plan,
  problems: MeasuredProblems,
): number {
  if (planned.unsupported !== null) return 0;
  const call = planned.predicted_s;
  const check = checkSeconds(planned, problems);
  if (call > budget || check > budget) return 0;
  const round = Math.max(SLOT_S, CALLS_IN_ROUND * call);
  return (
    CHECK_S + check + CALLS_IN_CHECK * call + Math.min(rounds * round, CALLS_IN_ROUND * (deadline + call))
  );
}
