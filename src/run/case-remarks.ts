import { inSteps } from "../platform/clock-step.ts";
import type { PlannedCase } from "../record/schema/result-lines.ts";
import { formatSeconds } from "../text/format.ts";
import { type Placed, placeRemark, remarksElsewhere } from "../verify/call-green-again.ts";
import type { GreenCase, RedCase } from "../verify/prepare-case.ts";
import type { OpenRun } from "./open-run.ts";

/** What to know about a freshly verified case before believing its numbers. */
export async function remarksOf(
  { idle, problems, context }: OpenRun,
  planned: PlannedCase,
  result: GreenCase | RedCase,
): Promise<readonly string[]> {
  if (result.outcome !== "green") return [];
  const who = `kernel ${planned.kernel}`;
  const busy = idle?.look(who) ?? null;
  const { filled } = problems.variant(planned);
  const kernel: Placed = context.kernels.find(({ id }) => id === planned.kernel) ?? { id: planned.kernel };
  const others = [
    context.kinds.remark(filled.kind),
    // A device compiles what it has not compiled before; the time of the first is recorded for every case.
    kernel.device === undefined ? prepareRemark(who, result, planned.threads) : null,
    firstStepRemark(who, result),
    fewerRemark(who, result.runnable),
  ];
  const elsewhere = await elsewhereRemarks(kernel, result);
  return [busy, ...others, ...elsewhere].filter((one) => one !== null);
}

/** What it throws now it will throw again in its first round, which ends the case with that. */
async function elsewhereRemarks(kernel: Placed, { elsewhere }: GreenCase): Promise<readonly string[]> {
  if (elsewhere?.isElsewhere !== true) return [];
  try {
    return await remarksElsewhere(kernel, elsewhere);
  } catch {
    return [placeRemark(kernel)];
  }
}

/** For every case: what the plug-ins have kept busy since they were loaded. */
export function loadRemarks({ idle, plan }: OpenRun): readonly string[] {
  const [only, ...more] = plan.plugins;
  const who = more.length === 0 ? `plug-in ${only}` : `one of the plug-ins ${plan.plugins.join(", ")}`;
  const busy = idle?.look(who) ?? null;
  return busy === null ? [] : [busy];
}

/**
 * A first time this many times as long as the others, and longer by this many seconds, left something behind
 * for them.
 */
const FIRST = { times: 10, seconds: 0.05, secondsAThread: 0.15 } as const;

/**
 * Cold code takes up to 20 ms more, and each thread that must first be started up to 150 ms on a busy
 * machine.
 */
export function prepareRemark(
  who: string,
  { prepareSeconds, firstPrepareSeconds }: Pick<GreenCase, "prepareSeconds" | "firstPrepareSeconds">,
  threads: number,
): string | null {
  const allowed = FIRST.seconds + FIRST.secondsAThread * (threads - 1);
  const more = firstPrepareSeconds - prepareSeconds;
  if (!(more > allowed && firstPrepareSeconds > FIRST.times * prepareSeconds)) return null;
  return `${who} keeps what it prepared: the first time took ${formatSeconds(firstPrepareSeconds, 2)}, the median is ${formatSeconds(prepareSeconds, 2)}; count the first if nothing is prepared twice`;
}

/**
 * Caches that a prefill left cold made first steps 2 µs longer, and those that read a whole cache twice as
 * long.
 */
const FIRST_STEP = { times: 20, seconds: inSteps(1e-4, 3) } as const;

/** For a stepper that defers part of the prefill to the first step, which counts in neither time. */
export function firstStepRemark(
  who: string,
  { decoding, callSeconds }: Pick<GreenCase, "decoding" | "callSeconds">,
): string | null {
  const first = decoding?.firstStepSeconds ?? 0;
  if (!(first > FIRST_STEP.seconds && first > FIRST_STEP.times * callSeconds)) return null;
  return `${who} takes ${formatSeconds(first, 2)} for the first step after a prefill, and ${formatSeconds(callSeconds, 2)} for others: what is left of the prefill is then in no time`;
}

export function fewerRemark(who: string, { whyFewer }: GreenCase["runnable"]): string | null {
  return whyFewer === undefined ? null : `${who} counts less work than the mathematics takes: ${whyFewer}`;
}
