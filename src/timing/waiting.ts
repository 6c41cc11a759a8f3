import { readFileSync } from "node:fs";
import { cpuUsage } from "node:process";

/** A point in time from which waiting is counted. */
export interface WaitingMark {
  /** The other process; null for this thread. */
  readonly pid: number | null;
  /**
   * Seconds that this thread has been ready to run but was not run; null if the system does not report it.
   */
  readonly delay_s: number | null;
  /** Seconds of processor time of the whole process. */
  readonly cpu_s: number;
  readonly at_s: number;
}

/** Of this thread, or of the first one of another process by its number. */
export function markWaiting(pid: number | null = null): WaitingMark {
  const { user, system } = cpuUsage();
  return { pid, delay_s: runDelay(pid), cpu_s: (user + system) / 1e6, at_s: performance.now() / 1e3 };
}

/**
 * Seconds since the mark in which this thread was kept from running. If the system does not count them, the
 * time in which the process took no processor at all. Not by `threadCpuUsage`: Linux brings that up to date
 * at ticks of some milliseconds only.
 */
export function waitedSince(mark: WaitingMark): number {
  const now = markWaiting(mark.pid);
  const passed = now.at_s - mark.at_s;
  // A wait before the mark may be counted after it.
  if (mark.delay_s !== null && now.delay_s !== null) return Math.min(passed, now.delay_s - mark.delay_s);
  if (mark.pid !== null) return 0; // nothing is known of another process
  return Math.max(0, passed - (now.cpu_s - mark.cpu_s));
}

/** Linux: the second number of `schedstat`, in nanoseconds. */
function runDelay(pid: number | null): number | null {
  try {
    const delay = Number(readFileSync(`/proc/${pid ?? "thread-self"}/schedstat`, "utf8").split(" ")[1]);
    return Number.isFinite(delay) ? delay / 1e9 : null;
  } catch {
    return null; // not Linux, or not reported
  }
}
