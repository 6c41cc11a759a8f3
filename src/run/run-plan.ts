import type { CaseLine, Plan, RoundLine } from "../record/schema/result-lines.ts";
import { checkCases } from "./check-cases.ts";
import { measureRounds } from "./measure-rounds.ts";
import { beginRun, closeCase } from "./open-run.ts";
import type { RunContext } from "./run-context.ts";

/**
 * Runs a plan: first verification for every case, then rounds over those that passed. Yields the lines of the
 * results; prints nothing. Stops between slots when the context's `signal` says so.
 */
export async function* runPlan(plan: Plan, context: RunContext): AsyncGenerator<CaseLine | RoundLine> {
  const run = beginRun(plan, context);
  try {
    yield* checkCases(run);
    yield* measureRounds(run);
  } finally {
    for (const one of run.open) closeCase(run, one);
  }
}
