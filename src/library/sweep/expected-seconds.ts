import type { Plan, PlannedCase } from "../../record/schema/result-lines.ts";
import { checkSeconds } from "../../run/check-seconds.ts";
import type { MeasuredProblems } from "../../run/measured-problems.ts";

// What runs took on a quiet machine of two cores, 130 cases of passes, steps and training in `results/`: their checks came
// to 0.15 s a case, 0.7 of what is expected of the reference, and calls; and their slots to 0.02 s, of training to 0.05 s.

/** Seconds of a slot, of which a round has one for each case, with what is checked after it. */
const SLOT_S = 0.025;
/** Calls in a round at least: one that is timed, and one of which all is compared. */
const CALLS_IN_ROUND = 2;
/** Seconds of a verification besides those of the reference, of which it takes a share, and calls. */
const CHECK_S = 0.15;
const REFERENCE_SHARE = 0.7;
const CALLS_IN_CHECK = 3;

/** Seconds in which a process starts, and measures the limits of its machine. */
export const START_S = 5;

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
  const rounded = Math.min(rounds * round, CALLS_IN_ROUND * (deadline + call));
  return CHECK_S + REFERENCE_SHARE * check + CALLS_IN_CHECK * call + rounded;
}
