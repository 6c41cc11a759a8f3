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
  kernel: string,
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

/** What to know about a kernel that computes elsewhere before believing its times. */
export async function remarksElsewhere(kernel: string, calls: CallsElsewhere): Promise<readonly string[]> {
  const who = `kernel ${kernel}`;
  const others = [await busyRemark(who, calls), await lateRemark(who, calls)];
  return [noLimitRemark(who), ...others.filter((one) => one !== null)];
}

export function noLimitRemark(who: string): string {
  return `${who} computes elsewhere, where no speed limit is known: only their outputs show that its calls do all of their work`;
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
async function lateRemark(who: string, calls: CallsElsewhere): Promise<string | null> {
  let [first, second] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  let spent = 0;
  for (let fetch = 0; fetch < FETCHES && spent < LONG_S; fetch++) {
    spent += (await calls.again(1)).around;
    first = Math.min(first, await calls.fetch());
    second = Math.min(second, await calls.fetch());
  }
  if (!(first > FETCH.seconds && first > FETCH.times * second)) return null;
  return `${who} takes ${formatSeconds(first, 2)} to return its output after a call and ${formatSeconds(second, 2)} a second time: its calls are reported finished before they are computed, and their times omit the rest`;
}
