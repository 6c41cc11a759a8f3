import { randomStream, shuffled } from "../core/random.ts";
import { platform } from "../platform/here.ts";
import type { CaseLine, RoundLine } from "../record/schema/result-lines.ts";
import { rewindingSeconds } from "../timing/slot.ts";
import { replacedFault } from "../verify/globals.ts";
import { tooFast } from "../verify/speed-limit.ts";
import { caseLine } from "./case-line.ts";
import { measureSlot, slotOf } from "./measure-slot.ts";
import { closeCase, type OpenCase, type OpenRun } from "./open-run.ts";
import { roundKey } from "./run-context.ts";

/**
 * Interleaved rounds: each measures every open case once, in a fresh seeded order, until the rounds or the
 * budget are used up. A case over its deadline takes no further part; one that turns wrong is closed with a
 * line that says so.
 */
export async function* measureRounds(run: OpenRun): AsyncGenerator<CaseLine | RoundLine> {
  const { plan, context, problems } = run;
  for (let round = 0; round < plan.rounds && run.open.size > 0; round++) {
    const due = dueCases(run, round);
    if (due.length === 0) continue;
    const roundSeconds = due.reduce((sum, one) => sum + slotSeconds(one), 0);
    const late = run.elapsed() + roundSeconds > plan.budget_s;
    // The first round is always run to its end: a case with one round is better than none.
    if (late && due.every(({ spent }) => spent > 0)) return;
    for (const [index, one] of due.entries()) {
      if (context.signal.aborted) return;
      context.observe({
        phase: "measure",
        case: one.planned.case,
        done: round * plan.cases.length + index,
        total: plan.rounds * plan.cases.length,
        secondsLeft: Math.min(plan.budget_s - run.elapsed(), roundSeconds * (plan.rounds - round)),
      });
      const at = context.already.elapsed + run.elapsed();
      const isLast = round + 1 === plan.rounds;
      const measured = believable(run, one, await measureSlot(one, round, at, isLast, run.idle?.busy));
      if (typeof measured === "string") {
        closeCase(run, one);
        problems.restoreInputs(one.planned);
        yield caseLine(one.planned, problems, { outcome: "red", reason: measured, gate: one.green.gate });
      } else yield measured;
      await platform.nextTurn();
    }
  }
}

/** The line of a slot, with what to know about it; or why there is none. */
function believable(run: OpenRun, one: OpenCase, measured: RoundLine | string): RoundLine | string {
  const replaced = replacedFault();
  if (typeof measured === "string") return measured;
  if (replaced !== null) return `the kernel, in round ${measured.round}: ${replaced}`;
  const { samples, calls, round } = measured;
  const { planned, green, least } = one;
  const flops = Math.max(least.flops, green.runnable.executedFlops ?? 0);
  const timed = { seconds: Math.min(...samples), calls, threads: planned.threads };
  const isElsewhere = green.elsewhere?.isElsewhere === true;
  const wrong = isElsewhere ? null : tooFast({ flops, bytes: least.bytes }, timed, run.limit);
  if (wrong !== null) return `verification, in round ${round}: ${wrong}`;
  const busy = round === 0 ? run.idle?.look(openKernels(run)) : null;
  return busy === null || busy === undefined
    ? measured
    : { ...measured, warnings: [...measured.warnings, busy] };
}

/** Whatever keeps threads busy now did not when its case was opened: it can be any of the kernels. */
function openKernels({ open }: OpenRun): string {
  const ids = [...new Set([...open].map(({ planned }) => planned.kernel))];
  return ids.length === 1 ? `kernel ${ids[0]}` : `one of the kernels ${ids.join(", ")}`;
}

/** The cases that a round still has to measure, in the round's order. */
function dueCases({ plan, context, open }: OpenRun, round: number): OpenCase[] {
  const cases = [...open];
  return shuffled(cases.length, randomStream(plan.seed, round))
    .map((index) => cases[index])
    .filter(({ planned, spent }) => {
      const done = context.already.rounds.has(roundKey({ case: planned.case, round }));
      return !done && spent < plan.deadline_s;
    });
}

function slotSeconds(one: OpenCase): number {
  const { callSeconds, green } = one;
  const { callsPerSample, samples } = slotOf(one);
  const calls = callsPerSample * samples + (samples > 1 ? 1 : 0);
  return (
    callSeconds * calls +
    rewindingSeconds(calls, green.window) +
    (one.transferSeconds + (green.saved?.seconds ?? 0)) * samples
  );
}
