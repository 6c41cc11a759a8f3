import type { LeastWork } from "../mechanisms/kind.ts";
import type { Plan, PlannedCase } from "../record/schema/result-lines.ts";
import { IdleWatch } from "../timing/idle-watch.ts";
import { discard } from "../verify/discard.ts";
import type { GreenCase } from "../verify/prepare-case.ts";
import { type SpeedLimit, thisSpeedLimit } from "../verify/speed-limit.ts";
import { MeasuredProblems } from "./measured-problems.ts";
import type { RunContext } from "./run-context.ts";

/** A case that passed verification and takes part in the rounds. */
export interface OpenCase {
  readonly planned: PlannedCase;
  readonly green: GreenCase;
  readonly least: LeastWork;
  /** Expected seconds of one warm call. */
  callSeconds: number;
  /** Seconds of taking in the inputs for one call; 0 if they are read in place. */
  transferSeconds: number;
  /** Seconds of calls so far. */
  spent: number;
}

/** A run under way: what its two phases share. */
export interface OpenRun {
  readonly plan: Plan;
  readonly context: RunContext;
  readonly problems: MeasuredProblems;
  readonly open: Set<OpenCase>;
  /** Null if everything that runs is built in: its threads sleep between calls. */
  readonly idle: IdleWatch | null;
  readonly limit: SpeedLimit;
  /** Seconds since the run began. */
  elapsed(): number;
}

export function beginRun(plan: Plan, context: RunContext): OpenRun {
  const start = context.now();
  return {
    plan,
    context,
    problems: new MeasuredProblems(plan, context),
    open: new Set(),
    idle: plan.plugins.length > 0 ? new IdleWatch() : null,
    limit: context.speedLimit ?? thisSpeedLimit(),
    elapsed: () => context.now() - start,
  };
}

/** Ends one case's part in the rounds, and frees what its kernel holds. */
export function closeCase(run: OpenRun, one: OpenCase): void {
  run.open.delete(one);
  discard(one.green.runnable);
}
