import type { Workspace } from "../workspace.ts";

/** The indices of the largest of some scores, the first of those as large, in rising order; NaN is the smallest. */
export class BestIndices {
  /** A heap whose root is the worst of those kept. */
  readonly #heap: Int32Array;

  constructor(most: number, workspace: Workspace) {
    this.#heap = new Int32Array(most);
    workspace.add(this.#heap);
  }

  /** Writes the best `taken` of the first `count` scores from `at` on. Nothing is allocated. */
  write(scores: Float64Array, count: number, taken: number, to: Int32Array, at: number): void {
    if (taken === 0) return;
    for (let one = 0; one < count; one++)
      if (Number.isNaN(scores[one])) scores[one] = Number.NEGATIVE_INFINITY;
    const heap = this.#heap;
    for (let one = 0; one < taken; one++) heap[one] = one;
    for (let from = (taken >> 1) - 1; from >= 0; from--) this.#sink(scores, from, taken);
    for (let one = taken; one < count; one++) {
      // As large as the worst, and later: no better.
      if (!(scores[one] > scores[heap[0]])) continue;
      heap[0] = one;
      this.#sink(scores, 0, taken);
    }
    // Whatever is no worse than the worst that is kept is kept as well.
    const worst = heap[0];
    for (let one = 0, next = at; next < at + taken; one++) {
      if (scores[one] > scores[worst] || (scores[one] === scores[worst] && one <= worst)) to[next++] = one;
    }
  }

  #sink(scores: Float64Array, from: number, count: number): void {
    const heap = this.#heap;
    const moving = heap[from];
    let at = from;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= count) break;
      if (below + 1 < count && isWorse(scores, heap[below + 1], heap[below])) below++;
      if (!isWorse(scores, heap[below], moving)) break;
      heap[at] = heap[below];
      at = below;
    }
    heap[at] = moving;
  }
}

function isWorse(scores: Float64Array, one: number, other: number): boolean {
  return scores[one] < scores[other] || (scores[one] === scores[other] && one > other);
}
