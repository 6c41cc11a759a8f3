import { messageOf } from "../core/errors.ts";
import { hashText, randomStream } from "../core/random.ts";
import { type MachineState, machineState, slotWarnings, stealShare } from "../machine/state.ts";
import type { RoundLine } from "../record/schema/result-lines.ts";
import { markProcessors, type ProcessorTime, processorTime } from "../timing/processor-time.ts";
import { planSlot, timeSlot } from "../timing/slot.ts";
import { markWaiting, waitedSince } from "../timing/waiting.ts";
import type { OpenCase } from "./open-run.ts";

/**
 * One case in one round: a call to warm the caches where calls are short, the timed calls, and another look at the
 * output; where calls are short or the round is the last, at all of it. Returns the round's line, or why the case is wrong
 * now. `at` is in seconds since the run began; the time of `busyThreads` is not its own.
 */
export function measureSlot(
  one: OpenCase,
  round: number,
  at: number,
  isLast: boolean,
  busyThreads?: ReadonlySet<string>,
): RoundLine | string {
  const { runnable, window } = one.green;
  const slot = planSlot(one.callSeconds, undefined, window);
  let before: MachineState;
  let processors: ProcessorTime;
  let after: MachineState;
  let samples: number[];
  let wall: number;
  let waited: number;
  try {
    globalThis.gc?.();
    // A kernel that remembers its last output, and no longer computes it, must not be timed.
    one.green.begin(slot.samples * slot.callsPerSample);
    // A window brings its own way of warming up.
    if (window === null && slot.samples > 1)
      for (let call = untimed(one, round); call > 0; call--) runnable.run();
    before = machineState();
    const mark = markWaiting();
    const processorsBefore = markProcessors();
    samples = timeSlot(one.green.call, slot, 0, window);
    processors = processorTime(processorsBefore, markProcessors(), busyThreads);
    waited = waitedSince(mark);
    wall = performance.now() / 1e3 - mark.at_s;
    after = machineState();
  } catch (thrown) {
    return `the kernel threw in round ${round}: ${messageOf(thrown)}`;
  }
  const wrong =
    one.green.verify() ?? (slot.samples > 1 || isLast ? one.green.recheck() : one.green.inspect());
  if (wrong !== null) return `gate, after round ${round}: ${wrong}`;
  const seconds = samples.reduce((sum, sample) => sum + sample, 0) * slot.callsPerSample;
  one.spent += seconds;
  one.callSeconds = samples.toSorted((a, b) => a - b)[samples.length >> 1];
  return {
    type: "round",
    case: one.planned.case,
    round,
    samples,
    calls: slot.callsPerSample,
    at_s: at,
    load: after.load,
    steal: stealShare(before, after),
    involuntary_switches: after.involuntarySwitches - before.involuntarySwitches,
    ...processors,
    // What passed beside the timed calls may have been waited for there.
    waited_s: Math.min(seconds, Math.max(0, waited - Math.max(0, wall - seconds))),
    warnings: slotWarnings(before, after, seconds),
  };
}

/** One or two calls, so that a cost on every n-th call does not fall on the same place of every slot. */
function untimed({ planned }: OpenCase, round: number): number {
  return 1 + randomStream(hashText(planned.case), round).below(2);
}
