import type { OwnTime } from "../kernels/kernel.ts";
import { formatSeconds } from "../text/format.ts";
import type { SampleElsewhere } from "../timing/slot-elsewhere.ts";

/** Two clocks may differ by this share, plus this many seconds, on the same interval. */
const APART = { share: 0.02, seconds: 1e-4 } as const;

/** What is wrong with the time a kernel's clock reports for an interval of known length here, or null. */
export function wrongOwnTime(told: OwnTime, around: number): string | null {
  const { wall, device } = told;
  const isTime = (seconds: number) => seconds >= 0 && seconds < Number.POSITIVE_INFINITY;
  if (!(isTime(wall) && wall > 0))
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
 * Of what additional calls take around its clock, the clock must report this share: three quarters where calls are made to find
 * out, half within a slot, which cannot be taken again.
 */
const LEAST_TOLD = { growing: 0.75, slot: 0.5 } as const;
/** Whoever is right once is right. */
const PROOFS = 3;

/**
 * What is wrong with a kernel's own clock, judged by growing numbers of calls: more of them must take longer,
 * and the clock must report nearly all of that increase. What one request costs is the same for many calls as
 * for one.
 */
export async function wrongClock(time: (calls: number) => Promise<SampleElsewhere>): Promise<string | null> {
  let wrong: string | null = null;
  for (let proof = 0; proof < PROOFS; proof++) {
    wrong = await wrongGrowth(time);
    if (wrong === null) return null;
  }
  return wrong;
}

async function wrongGrowth(time: (calls: number) => Promise<SampleElsewhere>): Promise<string | null> {
  const one = await leastOf(time, 1);
  let wrong: string | null = null;
  for (let calls = 2; calls <= MOST_CALLS; calls *= 2) {
    const many = await leastOf(time, calls);
    const grown = many.around - one.around;
    if (!(grown >= GROWTH.share * one.around && grown >= GROWTH.seconds)) continue;
    const told = many.seconds - one.seconds;
    // A wait of those that carry the answers is none of its calls.
    if (told >= LEAST_TOLD.growing * (grown - many.waited)) return null;
    wrong = `timed reports ${formatSeconds(Math.max(0, told))} more for ${calls} calls than for one, which were awaited for ${formatSeconds(grown)} more; its clock must report all that they take`;
    if (grown >= GROWTH.sure) return wrong;
  }
  return (
    wrong ??
    `timed took no longer for ${MOST_CALLS} calls than for one; it must make as many as it is asked to`
  );
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

/** Seconds that the request itself may cost besides the calls. */
const REQUEST_S = 5e-3;

/**
 * What is wrong with a slot's times by a kernel's own clock, or null: it may report less than half of the
 * wait only if the threads that carry its answers were kept from running for the rest.
 */
export function untoldTime(told: number, around: number, waited: number, requests: number): string | null {
  const untold = around - told - waited - REQUEST_S * requests;
  if (!(untold > LEAST_TOLD.slot * around)) return null;
  return `timed reports ${formatSeconds(told)} for calls awaited for ${formatSeconds(around)}; its clock must report all that they take`;
}
