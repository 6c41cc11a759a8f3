import { threadsRemark } from "./call-again.ts";

/** What is seen of a kernel on one thread, subject by subject: the threads that it kept busy, and what was remarked. */
export class ThreadsSeen {
  #each: number[] = [];
  #told: readonly string[] = [];

  add(seen: number): void {
    this.#each.push(seen);
  }

  /** Keeps the fullest of what was remarked. */
  tell(remarks: readonly string[]): void {
    if (remarks.length > this.#told.length) this.#told = remarks;
  }

  /** What they tell of a kernel in the middle, null where nothing; the next kernel begins anew. */
  remark(kernel: string): string | null {
    const sorted = this.#each.sort((a, b) => a - b);
    this.#each = [];
    const busy = sorted.length === 0 ? null : threadsRemark(kernel, sorted[sorted.length >> 1], 1);
    const remarks = [...(busy === null ? [] : [busy]), ...this.#told];
    this.#told = [];
    return remarks.length === 0 ? null : remarks.join("; ");
  }
}
