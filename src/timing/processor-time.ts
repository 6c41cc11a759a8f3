import { platform } from "../platform/here.ts";

/** Processor time of this process at one moment. */
export interface ProcessorMark {
  readonly at_s: number;
  /** Of all threads together, including those that have ended; null if nothing tells it. */
  readonly cpu_s: number | null;
  /** Of each thread that runs, by its number; null if the system does not report it. */
  readonly threads: ReadonlyMap<string, number> | null;
}

/** The processor time of calls, as results record it; of the last two nothing is known in a browser. */
export interface ProcessorTime {
  readonly wall_s: number;
  /** Processor time of all threads together. */
  readonly processor_s: number | null;
  /**
   * Threads that worked at once: those that took nearly as much as the busiest, or as many as would make up
   * the sum.
   */
  readonly threads_seen: number | null;
}

/** Of this process, or of another by its number. */
export function markProcessors(pid?: number | null): ProcessorMark {
  if (pid !== undefined && pid !== null) return markOther(pid);
  const threads = threadTimes(TASKS);
  const cpu_s = platform.processorSeconds();
  return { at_s: performance.now() / 1e3, cpu_s, threads };
}

/** Only the threads that still run are known of another process. */
function markOther(pid: number): ProcessorMark {
  const threads = threadTimes(`/proc/${pid}/task`);
  const cpu_s = [...(threads ?? []).values()].reduce((sum, seconds) => sum + seconds, 0);
  return { at_s: performance.now() / 1e3, cpu_s, threads };
}

/** Seconds of processor time that a process's first thread has taken; null if the system does not report it. */
export function firstThreadSeconds(pid: number): number | null {
  const text = ofThread("/proc", `${pid}`);
  const seconds = text === null ? Number.NaN : secondsIn(text);
  return Number.isFinite(seconds) ? seconds : null;
}

/**
 * A thread counts as working alongside the busiest if it takes this share of that one's time. On a machine
 * with three busy programs on two cores, V8's threads that compile and collect garbage took a tenth each, and
 * up to half together.
 */
const BESIDE = 0.4;
const TOGETHER = 0.8;
/** Threads that may have ended meanwhile. */
const ENDED = 2;
/**
 * Seconds by which the system's count of one thread may be older than its sum: a tick of its clock. Of spans that are not much
 * longer, the sum tells nothing of threads; and what took less than a quarter of that was hardly at work.
 */
const TICK = 4e-3;
const AT_WORK = TICK / 4;

/**
 * The processor time between two moments, without threads known to be busy whatever is measured. Threads are
 * counted by what each took and not by the clock: on a busy machine two of them may get no more than one
 * processor. If single threads are not reported, this thread is taken to have run all the time: then only
 * what is beyond one processor shows.
 */
export function processorTime(
  before: ProcessorMark,
  after: ProcessorMark,
  without: ReadonlySet<string> = new Set(),
): ProcessorTime {
  const wall_s = after.at_s - before.at_s;
  if (before.cpu_s === null || after.cpu_s === null) return { wall_s, processor_s: null, threads_seen: null };
  const all = Math.max(0, after.cpu_s - before.cpu_s);
  if (before.threads === null || after.threads === null) {
    return { wall_s, processor_s: all, threads_seen: seen([Math.min(all, wall_s)], all) };
  }
  let others = 0;
  const own: number[] = [];
  for (const [id, until] of after.threads) {
    const took = until - (before.threads.get(id) ?? 0);
    if (without.has(id)) others += took;
    else own.push(took);
  }
  const processor_s = Math.max(0, ...own, all - others);
  return { wall_s, processor_s, threads_seen: seen(own, processor_s) };
}

/** Those that have ended are only in the sum. */
function seen(each: readonly number[], all: number): number {
  const busiest = Math.max(0, ...each);
  if (busiest === 0) return all > 0 ? 1 : 0;
  const beside = each.filter((one) => one >= Math.max(AT_WORK, BESIDE * busiest)).length;
  const together = Math.floor((all - TICK) / busiest + 1 - TOGETHER);
  return Math.max(1, beside, Math.min(each.length + ENDED, together));
}

/**
 * A thread counts as busy if it took more than this share of a time in which nothing was asked of it. Other
 * programs may leave it no more.
 */
const BUSY_SHARE = 0.1;

/** The threads that were busy between two moments. */
export function busyThreads(before: ProcessorMark, after: ProcessorMark): string[] {
  const most = BUSY_SHARE * (after.at_s - before.at_s);
  return [...(after.threads ?? [])]
    .filter(([id, until]) => until - (before.threads?.get(id) ?? until) > most)
    .map(([id]) => id);
}

const TASKS = "/proc/self/task";

/** Linux: the first number of a thread's `schedstat`, in nanoseconds. */
function secondsIn(schedstat: string): number {
  return Number(schedstat.split(" ")[0]) / 1e9;
}

function threadTimes(tasks: string): ReadonlyMap<string, number> | null {
  const times = new Map<string, number>();
  for (const id of platform.listSystemFolder(tasks) ?? []) {
    const text = ofThread(tasks, id);
    if (text === null) continue;
    const seconds = secondsIn(text);
    if (!Number.isFinite(seconds)) return null;
    times.set(id, seconds);
  }
  return times.size === 0 ? null : times;
}

function ofThread(tasks: string, id: string): string | null {
  // Null if it has ended since, or is not reported.
  return platform.readSystemFile(`${tasks}/${id}/schedstat`);
}
