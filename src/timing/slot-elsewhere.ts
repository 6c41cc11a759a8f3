import { leastSample } from "../platform/clock-step.ts";
import { BATCH_S, type CallWindow, planSlot, type SlotPlan, samplesIn } from "./slot.ts";

/** What a sample of awaited calls took, all of them together. */
export interface SampleElsewhere {
  /** Seconds, by the kernel's own clock if it has one. */
  readonly seconds: number;
  /** The same by the clock of this process. */
  readonly around: number;
  /** Seconds in which a device computed; null if unknown. */
  readonly device: number | null;
  /** Seconds in which this process handed calls to the device; omitted if unknown. */
  readonly submitting?: number | undefined;
  /** Seconds of `around` in which it, and the threads that carry its answers, were kept from running, each for itself. */
  readonly waited: number;
  /** Seconds of processor time that the first thread of its process took in `around`; null if unknown. */
  readonly processor: number | null;
  /** Seconds in which inputs were taken in, in addition to all of that. */
  readonly transfer: number;
}

/** Calls of a kernel that computes on a device or in another process: each is awaited. */
export interface CallsElsewhere {
  /** Whether it computes elsewhere than on this machine's processors, so that its speed limit is unknown. */
  readonly isElsewhere: boolean;
  /** The other process that it computes in; null if it computes in this one. */
  pid(): number | null;
  /** Whose waiting for a processor is the kernel's, as `markWaiting` takes it; undefined for this thread. */
  computing(): readonly string[] | undefined;
  /** Whether its own clock times several calls at once; without one, each is timed alone, but for those of a window. */
  readonly hasClock: boolean;
  /** Makes the given number of calls on the inputs as last taken in, and awaits them. */
  again(calls: number): Promise<SampleElsewhere>;
  /** Takes in the inputs, or fetches the output of the last call; returns the seconds that it took. */
  load(): Promise<number>;
  fetch(): Promise<number>;
  /**
   * One sample: changes some numbers, takes in the inputs and calls; for every call, or once if it has a
   * clock.
   */
  sample(calls: number): Promise<SampleElsewhere>;
  /** What is wrong with all that its own clock has told so far, or null. */
  untold(): string | null;
}

/** What a slot of awaited calls took, in seconds per call. */
export interface SlotElsewhere {
  readonly samples: number[];
  /** The medians of what else each sample says. */
  readonly around_s: number;
  readonly device_s: number | null;
  readonly transfer_s: number;
}

/** No awaited sample takes less than this, though a coarse clock may say so. */
const LEAST_SAMPLE_S = 1e-6;

/**
 * Fits a slot of some seconds to awaited calls, each sample of which also takes in the inputs. Calls are
 * timed alone unless their own clock times several: only then is nothing taken in between them. Short calls of a
 * window, each of which is given its own numbers, are timed from one end to the other.
 */
export function planSlotElsewhere(
  callSeconds: number,
  transferSeconds: number,
  { hasClock }: Pick<CallsElsewhere, "hasClock">,
  slotSeconds?: number,
  window: CallWindow | null = null,
): SlotPlan {
  // What one wait takes is then a small part of what is waited for.
  if (window !== null) return planSlot(callSeconds, slotSeconds, window, Math.max(BATCH_S, leastSample()));
  const callsPerSample = hasClock ? planSlot(callSeconds, slotSeconds).callsPerSample : 1;
  const sampleSeconds = callSeconds * callsPerSample + transferSeconds;
  return { callsPerSample, samples: samplesIn(Math.max(sampleSeconds, LEAST_SAMPLE_S), slotSeconds) };
}

/** How often numbers change in such a slot. */
export function changesIn({ callsPerSample, samples }: SlotPlan, { hasClock }: CallsElsewhere): number {
  return hasClock ? samples : samples * callsPerSample;
}

/**
 * Times such a slot, in time order. `pad` prolongs each sample by that share of what it took: a slow-down of
 * a known size.
 */
export async function timeSlotElsewhere(
  calls: CallsElsewhere,
  { callsPerSample, samples }: SlotPlan,
  pad = 0,
): Promise<SlotElsewhere> {
  const taken: SampleElsewhere[] = [];
  for (let sample = 0; sample < samples; sample++) taken.push(await calls.sample(callsPerSample));
  const each = (of: (one: SampleElsewhere) => number) =>
    medianOf(taken.map((one) => of(one) / callsPerSample));
  return {
    samples: taken.map(({ seconds }) => (seconds * (1 + pad)) / callsPerSample),
    around_s: each(({ around }) => around),
    device_s: taken.some(({ device }) => device === null) ? null : each(({ device }) => device ?? 0),
    transfer_s: each(({ transfer }) => transfer),
  };
}

/** As that of samples: of an even number of them the mean of the middle two. */
function medianOf(numbers: number[]): number {
  const sorted = numbers.sort((a, b) => a - b);
  const upper = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[upper] : (sorted[upper - 1] + sorted[upper]) / 2;
}
