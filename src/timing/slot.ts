import { Bench } from "tinybench";
import { leastSample } from "../platform/clock-step.ts";

/** How many calls one slot of a round makes. */
export interface SlotPlan {
  /** Calls timed together as one sample; more than 1 if a call is too short to time alone. */
  readonly callsPerSample: number;
  readonly samples: number;
}

/** Calls that cannot go on for ever: after a number of them something must be rewound, outside their time. */
export interface CallWindow {
  /** Calls from one rewinding to the next. */
  readonly calls: number;
  readonly rewindSeconds: number;
  /**
   * Rewinds, unless the given number of calls can still be made. Returns how many untimed calls must follow.
   */
  makeRoom(calls: number): number;
}

/** Calls shorter than this are timed in batches … */
const SHORT_CALL_S = 100e-6;
/** … of at least this long. */
export const BATCH_S = 2e-3;
/** The seconds that a slot aims at. */
const SLOT_S = 20e-3;
const MOST_SAMPLES = 64;
/** After rewinding the first samples find code and caches cold. */
const LEAST_IN_WINDOW = 3;
/** No call takes less than this. */
const LEAST_CALL_S = 10e-9;

/**
 * Fits a slot of some seconds to the expected time of one call: one sample at least, or three of a window,
 * and 64 at most. Short calls of a window are timed from one end to the other, so that no part counts more
 * than another. Where the clock is coarse more calls are timed together, or more windows, so that a sample lasts
 * `leastSample_s`. What precedes each sample outside its time takes `beforeSeconds`.
 */
export function planSlot(
  expectedSeconds: number,
  slotSeconds = SLOT_S,
  window: CallWindow | null = null,
  leastSample_s = leastSample(),
  beforeSeconds = 0,
): SlotPlan {
  // A clock too coarse to see a call at all says 0.
  const callSeconds = Math.max(expectedSeconds, LEAST_CALL_S);
  const batch =
    window === null
      ? Math.ceil(Math.max(BATCH_S, leastSample_s) / callSeconds)
      : window.calls * Math.max(1, Math.ceil(leastSample_s / (window.calls * callSeconds)));
  const callsPerSample = callSeconds < Math.max(SHORT_CALL_S, leastSample_s) ? batch : 1;
  const rewinding = window === null ? 0 : window.rewindSeconds / window.calls;
  const least = window === null || callsPerSample > window.calls ? 1 : LEAST_IN_WINDOW;
  return {
    callsPerSample,
    samples: samplesIn((callSeconds + rewinding) * callsPerSample + beforeSeconds, slotSeconds, least),
  };
}

/** How many samples of the given seconds a slot has: 64 at most. */
export function samplesIn(sampleSeconds: number, slotSeconds = SLOT_S, least = 1): number {
  return Math.min(Math.max(Math.floor(slotSeconds / sampleSeconds), least), MOST_SAMPLES);
}

/** Seconds that rewinding adds to the given number of calls. */
export function rewindingSeconds(calls: number, window: CallWindow | null): number {
  return window === null ? 0 : Math.ceil(calls / window.calls) * window.rewindSeconds;
}

/**
 * Times calls of `run` and returns seconds per call, in time order. The only file that knows tinybench (6.2,
 * pinned): `time: 0` leaves the iteration count alone to end the run, since tinybench has no maximum; `async:
 * false` keeps it from calling `run` once more to find out; samples are collected here because it would
 * return them sorted. `before` precedes each sample, outside its time. Each sample is prolonged by the share `pad` of its duration: a slow-down of a known
 * size.
 */
export function timeSlot(
  run: () => void,
  { callsPerSample, samples }: SlotPlan,
  pad = 0,
  window: CallWindow | null = null,
  before: (() => void) | null = null,
): number[] {
  const seconds: number[] = [];
  const bench = new Bench({ time: 0, iterations: samples, warmup: false, throws: true });
  const time = (calls: number): number => {
    const start = bench.now();
    for (let call = 0; call < calls; call++) run();
    let milliseconds = bench.now() - start;
    for (const end = milliseconds * (1 + pad); milliseconds < end; ) milliseconds = bench.now() - start;
    return milliseconds;
  };
  const atOnce = Math.min(callsPerSample, window?.calls ?? callsPerSample);
  const sample = () => {
    let milliseconds = 0;
    before?.();
    for (let left = callsPerSample; left > 0; left -= atOnce) {
      // Timed as well: rewinding drove this loop's code and the clock's out of the caches, which is 2 µs.
      const untimed = window?.makeRoom(atOnce) ?? 0;
      if (untimed > 0) time(untimed);
      milliseconds += time(atOnce);
    }
    seconds.push(milliseconds / 1000 / callsPerSample);
    return {
      overriddenDuration: milliseconds / callsPerSample,
      overriddenIterationCost: milliseconds,
    };
  };
  bench.add("slot", sample, { async: false });
  bench.runSync();
  return seconds;
}
