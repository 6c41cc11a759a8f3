import { threadsRemark } from "./call-again.ts";

/**
 * What is seen of a one-thread kernel, subject by subject: the threads it kept busy, and the remarks made.
 */
export class ThreadsSeen {
  #each: number[] = [];
  #told: readonly string[] = [];

  add(seen: number): void {
    this.#each.push(seen);
  }

  /** Keeps the fullest set of remarks. */
  tell(remarks: readonly string[]): void {
    if (remarks.length > this.#told.length) this.#told = remarks;
  }

  /** What they say about a kernel at the median, or null; the next kernel starts afresh. */
  remark(kernel: string): string | null {
    const sorted = this.#each.sort((a, b) => a - b);
    this.#each = [];
    const busy = sorted.length === 0 ? null : threadsRemark(kernel, sorted[sorted.length >> 1], 1);
    const remarks = [...(busy === null ? [] : [busy]), ...this.#told];
    this.#told = [];
    return remarks.length === 0 ? null : remarks.join("; ");
  }
}
