import { cacheBytes, callBytes } from "../core/shape.ts";
import { leastWorkOf } from "../mechanisms/work-of-case.ts";
import { platform } from "../platform/here.ts";
import { inputShapeOf, modeOf, operationOf } from "../record/schema/case-task.ts";
import type { CaseLine, Plan, PlannedCase } from "../record/schema/result-lines.ts";
import { formatBytes, formatSeconds } from "../text/format.ts";
import { discard } from "../verify/discard.ts";
import { replacedFault } from "../verify/globals.ts";
import { type GreenCase, prepareCase, type RedCase } from "../verify/prepare-case.ts";
import { prepareDecode } from "../verify/prepare-decode.ts";
import { caseLine, skippedLine } from "./case-line.ts";
import { loadRemarks, remarksOf } from "./case-remarks.ts";
import { checkSeconds } from "./check-seconds.ts";
import type { MeasuredProblems } from "./measured-problems.ts";
import type { OpenRun } from "./open-run.ts";
import { refuseOtherWork } from "./refuse-other-work.ts";
import { type RunContext, roundKey } from "./run-context.ts";
import { warmUp } from "./warm-up.ts";

/**
 * A shorter call shows only what a call costs in itself, and nothing about how long a longer sequence takes.
 */
const TELLING_CALL_S = 100e-6;

/**
 * Verifies every case, cheapest first, so that the time of a short call predicts that of a longer one. Cases
 * that pass are opened for the rounds. Yields the line of every case that was not decided by an earlier
 * session.
 */
export async function* checkCases(run: OpenRun): AsyncGenerator<CaseLine> {
  const { plan, context, problems } = run;
  const secondsPerFlop = new Map<string, number>();
  const loaded = loadRemarks(run);
  const cheapestFirst = [...plan.cases].sort((a, b) => a.useful_flops - b.useful_flops);
  for (const [index, planned] of cheapestFirst.entries()) {
    if (context.signal.aborted) return;
    const before = context.already.outcomes.get(planned.case);
    const written = context.already.lines?.get(planned.case);
    if (written !== undefined) refuseOtherWork(written, skippedLine(planned, problems, ""), false);
    if (before !== undefined && (before !== "measured" || isComplete(plan, planned, context))) continue;
    context.observe({
      phase: "check",
      case: planned.case,
      done: index,
      total: cheapestFirst.length,
      secondsLeft: plan.budget_s - run.elapsed(),
    });
    const family = `${planned.kernel} ${planned.variant} ${modeOf(planned)}`;
    const rate = secondsPerFlop.get(family);
    const predicted = rate === undefined ? planned.predicted_s : rate * planned.useful_flops;
    const why =
      planned.unsupported ??
      whyTooLarge(planned, context.memoryBytes) ??
      whyTooLong(plan, "one call", predicted) ??
      whyTooLong(plan, "checking it", checkSeconds(planned, problems)) ??
      whyTooLate(plan, run.elapsed());
    if (why !== null) {
      if (before === undefined) yield skippedLine(planned, problems, why);
      continue;
    }
    const checked = await throughGate(planned, problems);
    const result = withGlobals(await warmUp(checked, context.now));
    if (result.outcome === "green") {
      if (written !== undefined) refuseOtherWork(written, caseLine(planned, problems, result), true);
      const { callSeconds, transferSeconds } = result;
      if (callSeconds >= TELLING_CALL_S && planned.useful_flops > 0) {
        secondsPerFlop.set(family, callSeconds / planned.useful_flops);
      }
      const spent = context.already.spent.get(planned.case) ?? 0;
      const least = leastWorkOf(planned, problems.variant(planned).filled);
      run.open.add({ planned, green: result, least, callSeconds, transferSeconds, spent });
    } else problems.restoreInputs(planned);
    if (before === undefined || result.outcome !== "green") {
      yield caseLine(planned, problems, result, [...loaded, ...(await remarksOf(run, planned, result))]);
    }
    await platform.nextTurn();
  }
}

/** Whether an earlier session measured every round of a case: it need not be checked again. */
function isComplete({ rounds }: Plan, planned: PlannedCase, { already }: RunContext): boolean {
  for (let round = 0; round < rounds; round++) {
    if (!already.rounds.has(roundKey({ case: planned.case, round }))) return false;
  }
  return true;
}

/** A kernel that replaced what measuring relies on is refused, whatever else was found. */
function withGlobals(result: GreenCase | RedCase): GreenCase | RedCase {
  const replaced = replacedFault();
  if (replaced === null) return result;
  if (result.outcome === "green") discard(result.runnable);
  return { outcome: "red", reason: `the kernel: ${replaced}`, gate: result.gate };
}

async function throughGate(planned: PlannedCase, problems: MeasuredProblems): Promise<GreenCase | RedCase> {
  if (operationOf(planned).keepsState) {
    const { problem, kernel, gateContext } = problems.decodeOf(planned);
    return await prepareDecode(problem, kernel, gateContext);
  }
  const { problem, kernel, gateContext } = problems.of(planned);
  return await prepareCase(problem, kernel, gateContext);
}

/** Why a case is not started: q, k, v and out alone, and a cache of k and v when decoding, would not fit. */
function whyTooLarge(planned: PlannedCase, memoryBytes: number): string | null {
  const decodes = operationOf(planned).keepsState;
  const shape = inputShapeOf(planned);
  const gives = operationOf(planned).pass !== null;
  // Each gradient is as large as its input.
  const needed = callBytes(shape) * (gives ? 2 : 1) + (decodes ? cacheBytes(shape) : 0);
  if (needed <= memoryBytes) return null;
  const what = gives
    ? "q, k, v, out and their gradients"
    : `q, k, v${decodes ? ", out and a cache of k and v" : " and out"}`;
  return `${what} take ${formatBytes(needed)}, the machine has ${formatBytes(memoryBytes)}; ask for a shorter length or fewer heads`;
}

/** Why a case is not started: what it needs would by itself break the budget. */
function whyTooLong(plan: Plan, what: string, predicted: number): string | null {
  if (predicted <= plan.budget_s) return null;
  return `${what} is expected to take ${formatSeconds(predicted)}, more than the budget of ${formatSeconds(plan.budget_s)}; raise --budget or ask for a shorter length`;
}

function whyTooLate(plan: Plan, elapsed: number): string | null {
  if (elapsed <= plan.budget_s) return null;
  return `the budget of ${formatSeconds(plan.budget_s)} was spent before it was checked; raise --budget`;
}
