import { FailureError, messageOf } from "../core/errors.ts";
import { hashText, randomStream } from "../core/random.ts";
import {
  type MachineState,
  machineState,
  slotWarnings,
  stealShare,
  switchesBetween,
} from "../machine/state.ts";
import { isTooShort } from "../platform/clock-step.ts";
import type { RoundLine } from "../record/schema/result-lines.ts";
import { markProcessors, type ProcessorTime, processorTime } from "../timing/processor-time.ts";
import { planSlot, type SlotPlan, timeSlot } from "../timing/slot.ts";
import {
  changesIn,
  planSlotElsewhere,
  type SlotElsewhere,
  timeSlotElsewhere,
} from "../timing/slot-elsewhere.ts";
import { markWaiting, tellsWaiting, waitedSince } from "../timing/waiting.ts";
import type { OpenCase } from "./open-run.ts";
import { watchParts } from "./part-seconds.ts";

/**
 * One case in one round: a call to warm the caches if calls are short, the timed calls, and another check of
 * the output; if calls are short or the round is the last, of all of it. Returns the round's line, or why the
 * case is now wrong. `at` is in seconds since the run began; the time of `busyThreads` does not count as the
 * case's.
 */
export async function measureSlot(
  one: OpenCase,
  round: number,
  at: number,
  isLast: boolean,
  busyThreads?: ReadonlySet<string>,
): Promise<RoundLine | string> {
  const { runnable, window, elsewhere } = one.green;
  const slot = slotOf(one);
  let before: MachineState;
  let processors: ProcessorTime;
  let after: MachineState;
  let samples: number[];
  let told: SlotElsewhere | null = null;
  let wall: number;
  let waited: number | null;
  let parts: ReturnType<ReturnType<typeof watchParts>>;
  let wrong: string | null;
  try {
    globalThis.gc?.();
    // A kernel that remembers its last output, and no longer computes it, must not be timed.
    if (elsewhere === null) one.green.begin(slot.samples * slot.callsPerSample, slot.samples);
    else one.green.begin(changesIn(slot, elsewhere));
    // A window warms up in its own way.
    if (window === null && slot.samples > 1) {
      const calls = untimed(one, round);
      if (elsewhere !== null) await elsewhere.again(calls);
      else for (let call = calls; call > 0; call--) runnable.run();
    }
    before = machineState();
    const watched = watchParts(runnable);
    const pid = elsewhere?.pid() ?? null;
    const mark = markWaiting(elsewhere?.computing());
    const processorsBefore = markProcessors(pid);
    if (elsewhere === null) samples = timeSlot(one.green.call, slot, 0, window, one.green.before);
    else {
      told = await timeSlotElsewhere(elsewhere, slot);
      samples = told.samples;
    }
    processors = processorTime(processorsBefore, markProcessors(pid), pid === null ? busyThreads : undefined);
    waited = tellsWaiting(mark) ? waitedSince(mark) : null;
    wall = performance.now() / 1e3 - mark.at_s;
    after = machineState();
    parts = watched(wall);
    wrong =
      elsewhere?.untold() ??
      (await one.green.verify()) ??
      (await (slot.samples > 1 || isLast ? one.green.recheck() : one.green.inspect()));
  } catch (thrown) {
    return thrown instanceof FailureError
      ? `in round ${round}: ${messageOf(thrown)}`
      : `the kernel threw in round ${round}: ${messageOf(thrown)}`;
  }
  if (wrong !== null) return `verification, after round ${round}: ${wrong}`;
  const seconds = samples.reduce((sum, sample) => sum + sample, 0) * slot.callsPerSample;
  one.spent += seconds + (told?.transfer_s ?? 0) * slot.samples * slot.callsPerSample;
  one.callSeconds = samples.toSorted((a, b) => a - b)[samples.length >> 1];
  if (told !== null) one.transferSeconds = told.transfer_s * slot.callsPerSample;
  // Calls were faster than expected: the next plan knows.
  if (told === null && isTooShort(Math.min(...samples) * slot.callsPerSample)) {
    return measureSlot(one, round, at, isLast, busyThreads);
  }
  return {
    type: "round",
    case: one.planned.case,
    round,
    samples,
    calls: slot.callsPerSample,
    at_s: at,
    load: after.load,
    steal: stealShare(before, after),
    involuntary_switches: switchesBetween(before, after),
    ...known(processors),
    // The time outside the timed calls may have been spent waiting there.
    ...(waited !== null && {
      waited_s: Math.min(seconds, Math.max(0, waited - Math.max(0, wall - seconds))),
    }),
    ...(told !== null && toldFields(told, one)),
    ...perCall(parts, slot.samples * slot.callsPerSample),
    warnings: slotWarnings(before, after, seconds),
  };
}

/** Those of the fields that anything tells. */
function known({ wall_s, processor_s, threads_seen }: ProcessorTime) {
  return {
    wall_s,
    ...(processor_s !== null && { processor_s }),
    ...(threads_seen !== null && { threads_seen }),
  };
}

/** Seconds of parts of each call. */
function perCall(parts: Readonly<Record<string, number>>, calls: number): Record<string, number> {
  return Object.fromEntries(Object.entries(parts).map(([name, seconds]) => [name, seconds / calls]));
}

/** The calls of a case's next slot. */
export function slotOf({ callSeconds, transferSeconds, green }: OpenCase): SlotPlan {
  const { elsewhere, window, saved } = green;
  const saving = saved?.seconds ?? 0;
  return elsewhere === null
    ? planSlot(callSeconds, undefined, window, undefined, saving)
    : planSlotElsewhere(callSeconds, transferSeconds + saving, elsewhere, undefined, window);
}

/** What accompanies the samples of awaited calls. */
function toldFields({ around_s, device_s, transfer_s }: SlotElsewhere, { green }: OpenCase) {
  return {
    ...(green.elsewhere?.hasClock === true && { around_s }),
    ...(device_s !== null && { device_s }),
    transfer_s,
  };
}

/** One or two calls, so that a cost on every nth call does not fall in the same place in every slot. */
function untimed({ planned }: OpenCase, round: number): number {
  return 1 + randomStream(hashText(planned.case), round).below(2);
}
