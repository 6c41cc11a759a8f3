import type { LeastWork } from "../mechanisms/kind.ts";
import { markProcessors, processorTime } from "../timing/processor-time.ts";
import { type SpeedLimit, thisSpeedLimit, tooFast } from "./speed-limit.ts";

/** Seconds of calls after which enough has been seen of a kernel. */
const ENOUGH_S = 0.01;
const MOST_CALLS = 2 ** 20;

/** Taken before any plug-in is loaded. */
const clock = performance.now.bind(performance);

/** What back-to-back calls reveal about a kernel. */
export interface CalledAgain {
  /** What is wrong with their time, or null. */
  readonly fault: string | null;
  /** Threads that worked at once; 0 if nothing tells it. */
  readonly threadsSeen: number;
}

/**
 * Makes calls as a benchmark would, for some milliseconds, at least three. The call that is compared with the
 * reference comes after the output was filled with NaN, and is timed with that: work skipped in plain calls
 * does not show there.
 */
export function callAgain(
  run: () => unknown,
  least: LeastWork,
  threads: number,
  limit: SpeedLimit = thisSpeedLimit(),
): CalledAgain {
  return looksAt(threads, ENOUGH_S, (enough) => {
    const fault = tooFast(least, { ...fastestBatch(run, enough), threads }, limit);
    return fault === null ? null : `called again, ${fault}`;
  });
}

/**
 * V8's own threads are busy now and then, and while code gets warm: a kernel's are at every look. On a loaded
 * machine code took a fifth of a second to get warm, so each look is twice as long as the one before.
 */
const LOOKS = 5;
const LONG_LOOK_S = 0.06;

/** Looks once for `enough` seconds, and ever longer while more threads are seen than were asked for. */
export function looksAt(
  threads: number,
  enough: number,
  look: (enough: number) => string | null,
): CalledAgain {
  let fault: string | null = null;
  let threadsSeen = Number.POSITIVE_INFINITY;
  for (let looks = 0; looks < LOOKS && fault === null && threadsSeen > threads; looks++) {
    const before = markProcessors();
    fault = look(looks === 0 ? enough : LONG_LOOK_S * 2 ** (looks - 1));
    threadsSeen = Math.min(threadsSeen, processorTime(before, markProcessors()).threads_seen ?? 0);
  }
  return { fault, threadsSeen };
}

/** Seconds per call, in the fastest of growing batches: an interrupted one tells nothing. */
function fastestBatch(run: () => unknown, enough: number): { seconds: number; calls: number } {
  let best = { seconds: Number.POSITIVE_INFINITY, calls: 1 };
  let spent = 0;
  for (let calls = 1; calls < MOST_CALLS && (calls <= 2 || spent < enough); calls *= 2) {
    const start = clock();
    for (let call = 0; call < calls; call++) run();
    const took = (clock() - start) / 1000;
    spent += took;
    if (took / calls < best.seconds) best = { seconds: took / calls, calls };
  }
  return best;
}

/** What is said about a kernel that kept more threads busy than it was asked to, or null. */
export function threadsRemark(kernel: string, seen: number, asked: number): string | null {
  if (!(seen > asked)) return null;
  return `kernel ${kernel} kept ${seen} threads busy where ${asked} ${asked === 1 ? "was" : "were"} asked for: its time is not that of ${asked === 1 ? "one thread" : `${asked} threads`}`;
}
