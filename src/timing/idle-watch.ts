import { busyThreads, markProcessors } from "./processor-time.ts";

/** Seconds in which no kernel is asked for anything; and the longer span after which one is blamed. */
const LOOK_S = 0.01;
const LONG_LOOK_S = 0.06;
/** V8 compiles and collects for a while after many calls. */
const SETTLE_S = 0.05;

/**
 * Watches for threads that are busy although nothing is asked of them: they take processors from whatever is
 * measured meanwhile. They are first seen after whatever started them.
 */
export class IdleWatch {
  /** Threads that are known to be busy, by number. */
  readonly busy = new Set<string>();
  readonly #sleeper = new Int32Array(new SharedArrayBuffer(4));

  /** Those already blamed: a thread that got no processor then may be seen only now. */
  readonly #blamed = new Set<string>();

  /**
   * Looks for ten milliseconds, longer if something is busy. What to say about `who`, the last that could
   * start threads; null if no new ones are busy.
   */
  look(who: string): string | null {
    if (this.#unknown(LOOK_S).length === 0) return null;
    this.#sleep(SETTLE_S);
    const found = this.#unknown(LONG_LOOK_S);
    if (found.length === 0) return null;
    for (const id of found) this.busy.add(id);
    this.#blamed.add(who);
    const many = found.length === 1 ? "1 thread" : `${found.length} threads`;
    return `${[...this.#blamed].join(", or ")} keeps ${many} busy while nothing is asked of it: whatever is measured alongside it loses processors`;
  }

  #unknown(seconds: number): string[] {
    const before = markProcessors();
    this.#sleep(seconds);
    return busyThreads(before, markProcessors()).filter((id) => !this.busy.has(id));
  }

  /** The event loop is blocked as well: nothing this process awaits is taken for a kernel's. */
  #sleep(seconds: number): void {
    Atomics.wait(this.#sleeper, 0, 0, 1000 * seconds);
  }
}
