import type { OwnTime } from "../kernels/kernel.ts";
import { formatSeconds } from "../text/format.ts";
import type { SampleElsewhere } from "../timing/slot-elsewhere.ts";

/** Two clocks may tell this share more, and so many seconds, of one and the same time. */
const APART = { share: 0.02, seconds: 1e-4 } as const;

/** What is wrong with what a kernel's clock tells of a time in which so many seconds passed here; null where nothing is. */
export function wrongOwnTime(told: OwnTime, around: number): string | null {
  const { wall, device } = told;
  const isTime = (seconds: number) => seconds >= 0 && seconds < Number.POSITIVE_INFINITY;
  if (!(isTime(wall) && wall > 0))
    return `timed must resolve to the seconds of its calls as wall, got ${wall}`;
  if (device !== null && !isTime(device)) {
    return `timed must tell the seconds of its device or null, got ${device}`;
  }
  if (isMore(wall, around)) {
    return `timed tells ${formatSeconds(wall)} of calls for which ${formatSeconds(around)} were waited; its clock must tell no more than that`;
  }
  if (device !== null && isMore(device, wall)) {
    return `timed tells ${formatSeconds(device)} of its device in ${formatSeconds(wall)}; a part must be no more than the whole`;
  }
  return null;
}

function isMore(part: number, whole: number): boolean {
  return part > (1 + APART.share) * whole + APART.seconds;
}

/** How much longer some more calls must take before anything is said of them. */
const GROWTH = { share: 0.5, seconds: 0.02 } as const;
const MOST_CALLS = 2 ** 16;
/** A time that is short is taken so often, and the least of them counts. */
const TRIES = 3;
const LONG_S = 0.1;
/** Of what more calls take around its clock, that must tell this share. */
const LEAST_TOLD = 0.5;
/** Whoever is right once is right. */
const PROOFS = 3;

/**
 * What is wrong with a kernel's own clock, to judge by calls of growing number: more of them must take longer, and nearly
 * all that they take longer around the clock it must tell. What one request costs is the same for many calls as for one.
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
  for (let calls = 2; calls <= MOST_CALLS; calls *= 2) {
    const many = await leastOf(time, calls);
    const grown = many.around - one.around;
    if (!(grown >= GROWTH.share * one.around && grown >= GROWTH.seconds)) continue;
    const told = many.seconds - one.seconds;
    if (told >= LEAST_TOLD * grown) return null;
    return `timed tells ${formatSeconds(Math.max(0, told))} more of ${calls} calls than of one, for which ${formatSeconds(grown)} more were waited; its clock must tell all that they take`;
  }
  return `timed took no longer for ${MOST_CALLS} calls than for one; it must make as many as it is asked for`;
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

/** Seconds that a request of its own may cost beside the calls, whoever answers it. */
const REQUEST_S = 5e-3;

/**
 * What is wrong with a slot's times by a clock of its own: it may tell less than half of what was waited for only where this
 * thread itself was kept from running for the rest. Null where nothing is.
 */
export function untoldTime(told: number, around: number, waited: number, requests: number): string | null {
  const untold = around - told - waited - REQUEST_S * requests;
  if (!(untold > LEAST_TOLD * around)) return null;
  return `timed tells ${formatSeconds(told)} of calls for which ${formatSeconds(around)} were waited; its clock must tell all that they take`;
}
