import type { OwnTime } from "../kernels/kernel.ts";
import { inSteps } from "../platform/clock-step.ts";
import { formatSeconds } from "../text/format.ts";
import type { SampleElsewhere } from "../timing/slot-elsewhere.ts";

/** Two clocks may differ by this share, plus this many seconds, on the same interval. */
const APART = { share: 0.02, seconds: inSteps(1e-4, 3) } as const;

/** What is wrong with the time a kernel's clock reports for an interval of known length here, or null. */
export function wrongOwnTime(told: OwnTime, around: number): string | null {
  const { wall, device } = told;
  const isTime = (seconds: number) => seconds >= 0 && seconds < Number.POSITIVE_INFINITY;
  // A browser's clock may not step within a call.
  if (!(isTime(wall) && (wall > 0 || around <= inSteps(0, 2))))
    return `timed must resolve to the seconds of its calls as wall, got ${wall}`;
  if (device !== null && !isTime(device)) {
    return `timed must report the seconds of its device or null, got ${device}`;
  }
  if (isMore(wall, around)) {
    return `timed reports ${formatSeconds(wall)} for calls awaited for ${formatSeconds(around)}; its clock must report no more than that`;
  }
  if (device !== null && isMore(device, wall)) {
    return `timed reports ${formatSeconds(device)} of its device in ${formatSeconds(wall)}; a part must be no more than the whole`;
  }
  return null;
}

function isMore(part: number, whole: number): boolean {
  return part > (1 + APART.share) * whole + APART.seconds;
}

/**
 * How much longer additional calls must take before they are judged, and before they are judged to be wrong: what wakes another
 * process may take some milliseconds on a busy machine.
 */
const GROWTH = { share: 0.5, seconds: 0.02, sure: 0.2 } as const;
const MOST_CALLS = 2 ** 16;
/** A short time is taken this often, and the least counts. */
const TRIES = 3;
const LONG_S = 0.1;
/**
 * What a clock must report: this share of what additional calls take around it, and this share of what its own thread computed in
 * them. A machine with other work prolongs the first, and not the second.
 */
const LEAST_TOLD = { around: 0.75, processor: 0.9 } as const;
/**
 * A device must have computed in this share of the time in which it was waited for, and nothing more was handed to it. When it
 * is done, this thread may have to wait for a processor; that is no more than so many seconds. Until so many more than for one
 * call have passed, additional ones are asked for where little was waited for: calls may be as short as handing them on.
 */
const OF_DEVICE = { least: 0.5, wake: 0.25, seen: 1 } as const;
/** Whoever is right once is right. */
const PROOFS = 3;

/** What is wrong with a kernel's own clock, or null; and the seconds that a request costs besides its calls. */
interface JudgedClock {
  readonly wrong: string | null;
  readonly requestSeconds: number;
}

/**
 * What is wrong with a kernel's own clock, judged by growing numbers of calls: more of them must take longer,
 * and the clock must report nearly all of that increase. What one request costs is the same for many calls as
 * for one.
 */
export async function judgeClock(time: (calls: number) => Promise<SampleElsewhere>): Promise<JudgedClock> {
  let wrong: string | null = null;
  let requestSeconds = 0;
  for (let proof = 0; proof < PROOFS; proof++) {
    const one = await leastOf(time, 1);
    requestSeconds = Math.max(0, one.around - one.seconds);
    wrong = await wrongGrowth(time, one);
    if (wrong === null) break;
  }
  return { wrong, requestSeconds };
}

async function wrongGrowth(
  time: (calls: number) => Promise<SampleElsewhere>,
  one: SampleElsewhere,
): Promise<string | null> {
  let wrong: string | null =
    `timed took no longer for ${MOST_CALLS} calls than for one; it must make as many as it is asked to`;
  for (let calls = 2; calls <= MOST_CALLS; calls *= 2) {
    const many = await leastOf(time, calls);
    const grown = many.around - one.around;
    if (!(grown >= GROWTH.share * one.around && grown >= GROWTH.seconds)) continue;
    const told = many.seconds - one.seconds;
    const computed = Math.max(0, (many.processor ?? 0) - (one.processor ?? 0));
    // A wait for a processor, of whoever it is, is none of its calls: where little is left of the growth, more are asked for.
    const took = grown - many.waited;
    const isLittle = grown < GROWTH.sure && Math.max(took, computed) < GROWTH.seconds;
    if (isLittle && calls < MOST_CALLS) continue;
    const isTold = told >= LEAST_TOLD.around * took;
    if (isTold && (computed === 0 || told >= LEAST_TOLD.processor * computed)) {
      const device = judgeDevice(one, many, calls);
      if (device === null) return null;
      wrong = device.wrong;
      if (grown >= (wrong === null ? OF_DEVICE.seen : GROWTH.sure)) return wrong;
      continue;
    }
    const did = isTold
      ? `computed for ${formatSeconds(computed)}`
      : `were awaited for ${formatSeconds(grown)}`;
    wrong = `timed reports ${formatSeconds(Math.max(0, told))} more for ${calls} calls than for one, which ${did} more; its clock must report all that they take`;
    if (grown >= GROWTH.sure) return wrong;
  }
  return wrong;
}

/**
 * Whether the device's clock tells that it computed while it was waited for: null where it does, or has no clock; otherwise what
 * is wrong, which is null where too little was waited for to say.
 */
function judgeDevice(
  one: SampleElsewhere,
  many: SampleElsewhere,
  calls: number,
): { readonly wrong: string | null } | null {
  if (one.device === null || many.device === null) return null;
  if (one.submitting === undefined || many.submitting === undefined) return null;
  const grown = many.seconds - one.seconds - (many.submitting - one.submitting);
  const awaited = grown - Math.min(many.waited, OF_DEVICE.wake);
  const told = many.device - one.device;
  if (told >= OF_DEVICE.least * grown) return null;
  // Two waits that differ by luck may take more from the time than the calls added to it.
  if (!(awaited > 0) || told >= OF_DEVICE.least * awaited) return { wrong: null };
  return {
    wrong: `timed reports ${formatSeconds(Math.max(0, told))} more of its device for ${calls} calls than for one, which was waited for ${formatSeconds(awaited)} more; its clock must report all that it computes`,
  };
}

/** Disturbances only prolong. */
async function leastOf(
  time: (calls: number) => Promise<SampleElsewhere>,
  calls: number,
): Promise<SampleElsewhere> {
  let least = await time(calls);
  for (let again = 1; again < TRIES && least.around < LONG_S; again++) {
    const next = await time(calls);
    if (next.around < least.around) least = next;
  }
  return least;
}

/** Samples before which a clock is not judged by them: one, or two, may have been disturbed. */
const LEAST_SAMPLES = 6;
/** So many of the last are looked at: those of verification say nothing of a clock that is bent while it measures. */
const MOST_SAMPLES = 12;
/** Of what was awaited, a sample must tell this share. */
const LEAST_OF_SAMPLE = 0.5;
/** Seconds that a request may cost beyond what it cost while the clock was judged. */
const REQUEST_S = 5e-3;

/**
 * The times that a kernel's own clock told of its samples, and whether they can be all that the calls took. No sample is judged
 * alone: a machine with other work may keep a program from running between what it times and its answer, and not all of
 * that is counted where it can be read.
 */
export class ToldTimes {
  readonly #request_s: number;
  /** The last samples, the newest first. */
  #last: readonly Told[] = [];

  /** `requestSeconds` are what a request costs besides its calls. */
  constructor(requestSeconds = 0) {
    this.#request_s = requestSeconds + REQUEST_S;
  }

  add({ seconds, around, waited }: Pick<SampleElsewhere, "seconds" | "around" | "waited">): void {
    const untold = around - seconds - waited - this.#request_s;
    const isHalfTold = untold > (1 - LEAST_OF_SAMPLE) * around;
    this.#last = [{ seconds, around, isHalfTold }, ...this.#last].slice(0, MOST_SAMPLES);
  }

  /** What is wrong with them, or null: that most tell less than half of what was awaited, though nobody waited for a processor. */
  get wrong(): string | null {
    const halfTold = this.#last.filter((one) => one.isHalfTold).length;
    if (this.#last.length < LEAST_SAMPLES || 2 * halfTold <= this.#last.length) return null;
    const sumOf = (what: "seconds" | "around"): string =>
      formatSeconds(this.#last.reduce((sum, one) => sum + one[what], 0));
    return `timed reports ${sumOf("seconds")} for calls awaited for ${sumOf("around")}; its clock must report all that they take`;
  }
}

interface Told {
  readonly seconds: number;
  readonly around: number;
  readonly isHalfTold: boolean;
}
