import { planSlot, type SlotPlan, samplesIn } from "./slot.ts";

/** What a sample of calls took that were waited for, all of them together. */
export interface SampleElsewhere {
  /** Seconds, by the kernel's own clock where it has one. */
  readonly seconds: number;
  /** The same by the clock of this process. */
  readonly around: number;
  /** Seconds in which a device computed; null where nobody tells. */
  readonly device: number | null;
  /** Seconds in which inputs were taken in, beside all of that. */
  readonly transfer: number;
}

/** Calls of what computes on a device or in another process: each is waited for. */
export interface CallsElsewhere {
  /** Whether what computes does so elsewhere, so that nothing is known of how fast it can be. */
  readonly isElsewhere: boolean;
  /** Whether a clock of its own times several calls at once; each is timed alone where it has none. */
  readonly hasClock: boolean;
  /** Makes so many calls on the inputs as they were last taken in, and waits for them. */
  again(calls: number): Promise<SampleElsewhere>;
  /** Takes in the inputs, or brings the output of the last call; returns the seconds that it took. */
  load(): Promise<number>;
  fetch(): Promise<number>;
  /** One sample: changes some numbers, takes in the inputs and calls; as often, or once where it has a clock. */
  sample(calls: number): Promise<SampleElsewhere>;
}

/** What a slot took of calls that are waited for, in seconds a call. */
export interface SlotElsewhere {
  readonly samples: number[];
  /** The medians of what each sample says beside. */
  readonly around_s: number;
  readonly device_s: number | null;
  readonly transfer_s: number;
}

/** No sample that is waited for takes less; a coarse clock may say so. */
const LEAST_SAMPLE_S = 1e-6;

/**
 * Fits a slot of some seconds to calls that are waited for, of which each sample also takes in the inputs. Calls are timed
 * alone unless a clock of theirs times several: only then is nothing taken in between them.
 */
export function planSlotElsewhere(
  callSeconds: number,
  transferSeconds: number,
  { hasClock }: CallsElsewhere,
  slotSeconds?: number,
): SlotPlan {
  const callsPerSample = hasClock ? planSlot(callSeconds, slotSeconds).callsPerSample : 1;
  const sampleSeconds = callSeconds * callsPerSample + transferSeconds;
  return { callsPerSample, samples: samplesIn(Math.max(sampleSeconds, LEAST_SAMPLE_S), slotSeconds) };
}

/** How many times numbers change in such a slot. */
export function changesIn({ callsPerSample, samples }: SlotPlan, { hasClock }: CallsElsewhere): number {
  return hasClock ? samples : samples * callsPerSample;
}

/** Times such a slot, in time order. `pad` prolongs each sample by that share of what it took: a slow-down of a known size. */
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

function medianOf(numbers: number[]): number {
  return numbers.sort((a, b) => a - b)[numbers.length >> 1];
}
