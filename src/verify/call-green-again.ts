import { printable } from "../core/errors.ts";
import type { Kernel } from "../kernels/kernel.ts";
import type { LeastWork } from "../mechanisms/kind.ts";
import { inSteps } from "../platform/clock-step.ts";
import { formatSeconds } from "../text/format.ts";
import { markProcessors, processorTime } from "../timing/processor-time.ts";
import type { CallsElsewhere } from "../timing/slot-elsewhere.ts";
import { markWaiting, waitedSince } from "../timing/waiting.ts";
import { type CalledAgain, callAgain } from "./call-again.ts";
import type { GreenCase } from "./prepare-case.ts";
import { type SpeedLimit, thisSpeedLimit, tooFast } from "./speed-limit.ts";

/** What back-to-back calls reveal about a kernel that passed verification. */
export interface GreenAgain extends CalledAgain {
  /** What to know about a kernel that computes elsewhere, as sentences that begin with its name. */
  readonly remarks: readonly string[];
}

/**
 * Calls a green kernel as a benchmark would, whether it computes here or elsewhere. Throws what it throws.
 */
export async function callGreenAgain(
  kernel: Placed,
  { runnable, elsewhere }: GreenCase,
  least: LeastWork,
  threads: number,
  limit: SpeedLimit = thisSpeedLimit(),
): Promise<GreenAgain> {
  if (elsewhere === null) return { ...callAgain(() => runnable.run(), least, threads, limit), remarks: [] };
  if (elsewhere.isElsewhere) {
    return { fault: null, threadsSeen: 0, remarks: await remarksElsewhere(kernel, elsewhere) };
  }
  const pid = elsewhere.pid();
  const before = markProcessors(pid);
  const seconds = Math.min(...(await samplesOf(elsewhere)));
  const threadsSeen = pid === null ? 0 : (processorTime(before, markProcessors(pid)).threads_seen ?? 0);
  const fault = tooFast(least, { seconds, calls: 1, threads }, limit);
  return { fault: fault === null ? null : `called again, ${fault}`, threadsSeen, remarks: [] };
}

/** A kernel, by its name and what it computes on. */
export type Placed = Pick<Kernel, "id" | "device">;

/** What to know about a kernel that computes elsewhere before believing its times. */
export async function remarksElsewhere(kernel: Placed, calls: CallsElsewhere): Promise<readonly string[]> {
  const who = `kernel ${kernel.id}`;
  // A known device has threads of a driver in this process, and one in software computes in them.
  const busy = kernel.device === undefined ? await busyRemark(who, calls) : null;
  const late = await lateRemark(who, calls, kernel.device !== undefined);
  return [placeRemark(kernel), busy, late].filter((one) => one !== null);
}

/** Where a kernel computes that does not compute here, and what is known of how fast that can be. */
export function placeRemark({ id, device }: Placed): string {
  const facts = device?.()?.facts ?? null;
  if (facts === null) {
    return `kernel ${id} computes elsewhere, where no speed limit is known: only their outputs show that its calls do all of their work`;
  }
  const name = printable(facts.name, 120);
  return facts.software === true
    ? `kernel ${id} computes on a driver in software, ${name}: on this machine's processors, in all its threads; its times are no GPU's`
    : `kernel ${id} computes on ${name}, of which no speed limit is known but what it was seen to reach: beyond that only their outputs show that its calls do all of their work`;
}

const ENOUGH_S = 0.05;
const MOST_SAMPLES = 64;

async function samplesOf(calls: CallsElsewhere): Promise<number[]> {
  const seconds: number[] = [];
  for (let spent = 0; seconds.length === 0 || (spent < ENOUGH_S && seconds.length < MOST_SAMPLES); ) {
    const { around } = await calls.again(1);
    spent += around;
    seconds.push(around);
  }
  return seconds;
}

/** V8's own threads are busy now and then: a kernel's are at every look. */
const LOOKS = 4;
/**
 * Processor time that this process may take of what computes elsewhere: to wait for each call, and a share of
 * the time.
 */
const BESIDE = { secondsACall: 1e-4, share: 0.25 } as const;

async function busyRemark(who: string, calls: CallsElsewhere): Promise<string | null> {
  let least = { processor_s: Number.POSITIVE_INFINITY, wall_s: 0 };
  for (let look = 0; look < LOOKS; look++) {
    const before = markProcessors();
    const mark = markWaiting();
    const many = (await samplesOf(calls)).length;
    // While others ran, this thread could take no processor time.
    const waited = waitedSince(mark);
    const { processor_s, wall_s } = processorTime(before, markProcessors());
    if (processor_s === null) return null;
    if (!(processor_s - BESIDE.secondsACall * many > BESIDE.share * (wall_s - waited))) return null;
    if (processor_s < least.processor_s) least = { processor_s, wall_s };
  }
  return `${who} is awaited as if it computed elsewhere, but took ${formatSeconds(least.processor_s)} of this process's processor time in ${formatSeconds(least.wall_s)}: it computes here`;
}

/** A first read of an output may take this many times as long as a second, plus this many seconds. */
const FETCH = { times: 4, seconds: inSteps(1e-3, 3) } as const;
const FETCHES = 3;
/** Calls that are long are made once. */
const LONG_S = 0.5;

/**
 * For a fence that reports calls finished before they are computed, so that fetching the output waits for the
 * rest.
 */
async function lateRemark(who: string, calls: CallsElsewhere, isKnown: boolean): Promise<string | null> {
  let [first, second] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  let spent = 0;
  for (let fetch = 0; fetch < FETCHES && spent < LONG_S; fetch++) {
    const { around, device } = await calls.again(1);
    // Of a known device that says when it computed, that was held against the fence already.
    if (isKnown && device !== null) return null;
    spent += around;
    first = Math.min(first, await calls.fetch());
    second = Math.min(second, await calls.fetch());
  }
  if (!(first > FETCH.seconds && first > FETCH.times * second)) return null;
  return `${who} takes ${formatSeconds(first, 2)} to return its output after a call and ${formatSeconds(second, 2)} a second time: its calls are reported finished before they are computed, and their times omit the rest`;
}
