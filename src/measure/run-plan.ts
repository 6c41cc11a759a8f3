import { setImmediate as nextTurn } from "node:timers/promises";
import { messageOf } from "../core/errors.ts";
import { formatBytes, formatSeconds } from "../core/format.ts";
import { randomStream, shuffled } from "../core/random.ts";
import type { CaseLine, Plan, PlannedCase, RoundLine } from "../core/result-lines.ts";
import { elementCount, FLOAT_BYTES } from "../core/shape.ts";
import type { InputSource } from "../core/tensors.ts";
import type { Variant } from "../core/variant.ts";
import type { Kernel } from "../kernels/kernel.ts";
import { caseLine, skippedLine } from "./case-line.ts";
import { type MachineState, machineState, slotWarnings, stealShare } from "./machine-state.ts";
import { MeasuredProblems, shapeOf } from "./measured-problems.ts";
import { discard, type GreenCase, prepareCase, type RedCase } from "./prepare-case.ts";
import { planSlot, timeSlot } from "./slot.ts";

/** What a run needs beside its plan. */
export interface RunContext {
  readonly variants: readonly Variant[];
  readonly kernels: readonly Kernel[];
  readonly source: InputSource;
  /** What an interrupted run already wrote; empty for a new one. */
  readonly already: AlreadyDone;
  /** Memory of the machine. */
  readonly memoryBytes: number;
  /** Seconds from any fixed point. */
  now(): number;
  readonly signal: AbortSignal;
  observe(progress: Progress): void;
}

export interface AlreadyDone {
  readonly outcomes: ReadonlyMap<string, CaseLine["outcome"]>;
  /** `roundKey` of every round. */
  readonly rounds: ReadonlySet<string>;
  /** Seconds of calls by case. */
  readonly spent: ReadonlyMap<string, number>;
}

/** Where a run stands. */
export interface Progress {
  readonly phase: "check" | "measure";
  readonly case: string;
  readonly done: number;
  readonly total: number;
  readonly secondsLeft: number;
}

/** Names a round of a case. */
export function roundKey(line: { case: string; round: number }): string {
  return `${line.round} ${line.case}`;
}

/** Calls are repeated for this long before the first round, so that compiled code is what is timed. */
const WARM_UP_S = 0.05;
/** A shorter call tells of what a call costs in itself, and nothing of how long a longer sequence takes. */
const TELLING_CALL_S = 100e-6;

interface OpenCase {
  readonly planned: PlannedCase;
  readonly green: GreenCase;
  /** Expected seconds of one warm call. */
  callSeconds: number;
  /** Seconds of calls so far. */
  spent: number;
}

/**
 * Runs a plan: first the gate for every case, cheapest first, then interleaved rounds. Every round measures every case
 * once, in a fresh seeded order, and looks at the output again before the samples count. Yields the lines of the
 * results; prints nothing. Stops between slots where `signal` says so.
 */
export async function* runPlan(plan: Plan, context: RunContext): AsyncGenerator<CaseLine | RoundLine> {
  const start = context.now();
  const elapsed = (): number => context.now() - start;
  const problems = new MeasuredProblems(plan, context);
  const open: OpenCase[] = [];
  try {
    yield* checkAndMeasure();
  } finally {
    for (const { green } of open) discard(green.runnable);
  }

  async function* checkAndMeasure(): AsyncGenerator<CaseLine | RoundLine> {
    const secondsPerFlop = new Map<string, number>();

    const cheapestFirst = [...plan.cases].sort((a, b) => a.useful_flops - b.useful_flops);
    for (const [index, planned] of cheapestFirst.entries()) {
      if (context.signal.aborted) return;
      const before = context.already.outcomes.get(planned.case);
      if (before !== undefined && before !== "measured") continue;
      context.observe({
        phase: "check",
        case: planned.case,
        done: index,
        total: cheapestFirst.length,
        secondsLeft: plan.budget_s - elapsed(),
      });
      const rate = secondsPerFlop.get(`${planned.kernel} ${planned.variant}`);
      const predicted = rate === undefined ? planned.predicted_s : rate * planned.useful_flops;
      const why =
        planned.unsupported ??
        whyTooLarge(planned, context.memoryBytes) ??
        whyTooLong(plan, predicted, elapsed());
      if (why !== null) {
        if (before === undefined) yield skippedLine(planned, problems, why);
        continue;
      }
      const { problem, kernel, gateContext } = problems.of(planned);
      const result = warmUp(prepareCase(problem, kernel, gateContext), context);
      if (result.outcome === "green") {
        const { callSeconds } = result;
        if (callSeconds >= TELLING_CALL_S && planned.useful_flops > 0) {
          secondsPerFlop.set(`${planned.kernel} ${planned.variant}`, callSeconds / planned.useful_flops);
        }
        open.push({
          planned,
          green: result,
          callSeconds,
          spent: context.already.spent.get(planned.case) ?? 0,
        });
      } else problems.restoreInputs(planned);
      if (before === undefined || result.outcome === "red") yield caseLine(planned, problems, result);
      await nextTurn();
    }

    for (let round = 0; round < plan.rounds && open.length > 0; round++) {
      const order = shuffled(open.length, randomStream(plan.seed, round)).map((index) => open[index]);
      const due = order.filter(
        ({ planned, spent }) =>
          spent < plan.deadline_s && !context.already.rounds.has(roundKey({ case: planned.case, round })),
      );
      if (due.length === 0) continue;
      const roundSeconds = due.reduce((sum, { callSeconds }) => sum + slotSeconds(callSeconds), 0);
      const late = elapsed() + roundSeconds > plan.budget_s;
      // The first round is always run to its end: a case with one round is better than none.
      if (late && due.every(({ spent }) => spent > 0)) break;
      for (const [index, one] of due.entries()) {
        if (context.signal.aborted) return;
        context.observe({
          phase: "measure",
          case: one.planned.case,
          done: round * plan.cases.length + index,
          total: plan.rounds * plan.cases.length,
          secondsLeft: Math.min(plan.budget_s - elapsed(), roundSeconds * (plan.rounds - round)),
        });
        const line = measureSlot(one, round, elapsed());
        if (line.type === "case") {
          open.splice(open.indexOf(one), 1);
          discard(one.green.runnable);
          problems.restoreInputs(one.planned);
        }
        yield line;
        await nextTurn();
      }
    }
  }

  function measureSlot(one: OpenCase, round: number, at: number): RoundLine | CaseLine {
    const { green, planned } = one;
    const fails = (reason: string): CaseLine =>
      caseLine(planned, problems, { outcome: "red", reason, gate: green.gate });
    const slot = planSlot(one.callSeconds);
    let before: MachineState;
    let after: MachineState;
    let samples: number[];
    try {
      globalThis.gc?.();
      // A kernel that remembers its last output, and no longer computes it, must not be timed.
      green.runnable.output().fill(Number.NaN);
      if (slot.samples > 1) green.runnable.run();
      before = machineState();
      samples = timeSlot(() => green.runnable.run(), slot);
      after = machineState();
    } catch (thrown) {
      return fails(`the kernel threw in round ${round}: ${messageOf(thrown)}`);
    }
    const wrong = green.verify();
    if (wrong !== null) return fails(`gate, after round ${round}: ${wrong}`);
    const seconds = samples.reduce((sum, sample) => sum + sample, 0) * slot.callsPerSample;
    one.spent += seconds;
    one.callSeconds = samples.toSorted((a, b) => a - b)[samples.length >> 1];
    return {
      type: "round",
      case: planned.case,
      round,
      samples,
      calls: slot.callsPerSample,
      at_s: at,
      load: after.load,
      steal: stealShare(before, after),
      involuntary_switches: after.involuntarySwitches - before.involuntarySwitches,
      warnings: slotWarnings(before, after, seconds),
    };
  }
}

/** Why a case is not begun: q, k, v and out alone would not fit. */
function whyTooLarge(planned: PlannedCase, memoryBytes: number): string | null {
  const needed = 4 * FLOAT_BYTES * elementCount(shapeOf(planned));
  if (needed <= memoryBytes) return null;
  return `q, k, v and out take ${formatBytes(needed)}, the machine has ${formatBytes(memoryBytes)}; ask for a shorter length or fewer heads`;
}

/** Why a case is not begun: one call, or the time left, would break the budget. */
function whyTooLong(plan: Plan, predicted: number, elapsed: number): string | null {
  const budget = formatSeconds(plan.budget_s);
  if (predicted > plan.budget_s) {
    return `one call is expected to take ${formatSeconds(predicted)}, more than the budget of ${budget}; raise --budget or ask for a shorter length`;
  }
  if (elapsed > plan.budget_s)
    return `the budget of ${budget} was spent before it was checked; raise --budget`;
  return null;
}

/** Calls until the code is warm: `callSeconds` is then what a warm call takes. A kernel that throws meanwhile is red. */
function warmUp(checked: GreenCase | RedCase, { now }: RunContext): GreenCase | RedCase {
  if (checked.outcome === "red") return checked;
  const { runnable, callSeconds, gate } = checked;
  let fastest = callSeconds;
  const start = now();
  try {
    while (now() - start + callSeconds < WARM_UP_S) {
      const before = now();
      runnable.run();
      fastest = Math.min(fastest, now() - before);
    }
  } catch (thrown) {
    discard(runnable);
    return { outcome: "red", reason: `the kernel threw when called again: ${messageOf(thrown)}`, gate };
  }
  return { ...checked, callSeconds: fastest };
}

function slotSeconds(callSeconds: number): number {
  const { callsPerSample, samples } = planSlot(callSeconds);
  return callSeconds * (callsPerSample * samples + (samples > 1 ? 1 : 0));
}
