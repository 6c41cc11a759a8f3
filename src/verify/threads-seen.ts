import { threadsRemark } from "./call-again.ts";

/** Threads that a kernel kept busy on one thread, subject by subject. */
export class ThreadsSeen {
  #each: number[] = [];

  add(seen: number): void {
    this.#each.push(seen);
  }

  /** What they tell of a kernel in the middle, null where nothing; the next kernel begins anew. */
  remark(kernel: string): string | null {
    const sorted = this.#each.sort((a, b) => a - b);
    this.#each = [];
    return sorted.length === 0 ? null : threadsRemark(kernel, sorted[sorted.length >> 1], 1);
  }
}
