import { setImmediate as nextTurn } from "node:timers/promises";
import { randomStream, shuffled } from "../core/random.ts";
import type { CaseLine, RoundLine } from "../core/result-lines.ts";
import { caseLine } from "./case-line.ts";
import { measureSlot } from "./measure-slot.ts";
import { closeCase, type OpenCase, type OpenRun } from "./open-run.ts";
import { roundKey } from "./run-context.ts";
import { planSlot, rewindingSeconds } from "./slot.ts";

/**
 * Interleaved rounds: each measures every open case once, in a fresh seeded order, until the rounds or the budget are
 * used up. A case over its deadline takes no further part; one that turns wrong is closed with a line that says so.
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
      const measured = measureSlot(one, round, at, round + 1 === plan.rounds);
      if (typeof measured === "string") {
        closeCase(run, one);
        problems.restoreInputs(one.planned);
        yield caseLine(one.planned, problems, { outcome: "red", reason: measured, gate: one.green.gate });
      } else yield measured;
      await nextTurn();
    }
  }
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

function slotSeconds({ callSeconds, green: { window } }: OpenCase): number {
  const { callsPerSample, samples } = planSlot(callSeconds, undefined, window);
  const calls = callsPerSample * samples + (samples > 1 ? 1 : 0);
  return callSeconds * calls + rewindingSeconds(calls, window);
}
