import { platform } from "../platform/here.ts";

/** A point in time from which waiting is counted. */
export interface WaitingMark {
  /** Whose waiting it is, by their places in Linux's `/proc`. */
  readonly places: readonly string[];
  /**
   * Seconds that they have been ready to run but were not run; null if the system does not report it.
   */
  readonly delay_s: number | null;
  /** Seconds of processor time of the whole process; null if nothing tells it. */
  readonly cpu_s: number | null;
  readonly at_s: number;
}

/** This thread. */
const SELF = ["thread-self"] as const;

/** Of this thread, or of threads that wait for one another, by their places in Linux's `/proc`: a process is its first thread. */
export function markWaiting(places: readonly string[] = SELF): WaitingMark {
  const cpu_s = platform.processorSeconds();
  const delays = places.map(runDelay);
  const known = delays.filter((delay) => delay !== null);
  const delay_s = known.length < delays.length ? null : known.reduce((sum, delay) => sum + delay, 0);
  return { places, delay_s, cpu_s, at_s: performance.now() / 1e3 };
}

/**
 * Seconds since the mark in which this thread was kept from running. If the system does not count them, the
 * time in which the process took no processor at all. Not by `threadCpuUsage`: Linux brings that up to date
 * at ticks of some milliseconds only.
 */
export function waitedSince(mark: WaitingMark): number {
  const now = markWaiting(mark.places);
  const passed = now.at_s - mark.at_s;
  // A wait before the mark may be counted after it.
  if (mark.delay_s !== null && now.delay_s !== null) return Math.min(passed, now.delay_s - mark.delay_s);
  // Nothing is known of others, nor in a browser.
  if (mark.places !== SELF || now.cpu_s === null || mark.cpu_s === null) return 0;
  return Math.max(0, passed - (now.cpu_s - mark.cpu_s));
}

/** Whether anything tells how long they waited from the mark on. */
export function tellsWaiting({ delay_s, cpu_s }: WaitingMark): boolean {
  return delay_s !== null || cpu_s !== null;
}

/** Linux: the second number of `schedstat`, in nanoseconds. */
function runDelay(place: string): number | null {
  const text = platform.readSystemFile(`/proc/${place}/schedstat`);
  if (text === null) return null; // not Linux, or not reported
  const delay = Number(text.split(" ")[1]);
  return Number.isFinite(delay) ? delay / 1e9 : null;
}
