import { messageOf } from "../core/errors.ts";
import type { RoundLine } from "../core/result-lines.ts";
import { type MachineState, machineState, slotWarnings, stealShare } from "./machine-state.ts";
import type { OpenCase } from "./open-run.ts";
import { markProcessors, type ProcessorTime, processorTime } from "./processor-time.ts";
import { planSlot, timeSlot } from "./slot.ts";

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
  try {
    globalThis.gc?.();
    // A kernel that remembers its last output, and no longer computes it, must not be timed.
    one.green.begin(slot.samples * slot.callsPerSample);
    // A window brings its own way of warming up.
    if (window === null && slot.samples > 1) runnable.run();
    before = machineState();
    const mark = markProcessors();
    samples = timeSlot(one.green.call, slot, 0, window);
    processors = processorTime(mark, markProcessors(), busyThreads);
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
    warnings: slotWarnings(before, after, seconds),
  };
}
