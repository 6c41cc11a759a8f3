/**
 * The keys with the largest scores, the first of those as large. Keys are offered in rising order. A heap whose root is
 * the worst of them.
 */
export class BestKeys {
  readonly keys: Int32Array;
  readonly scores: Float64Array;
  #count = 0;

  constructor(most: number) {
    this.keys = new Int32Array(most);
    this.scores = new Float64Array(most);
  }

  clear(): void {
    this.#count = 0;
  }

  offer(key: number, score: number): void {
    if (this.#count < this.keys.length) {
      let at = this.#count++;
      while (at > 0) {
        const above = (at - 1) >> 1;
        if (!this.#isWorse(key, score, above)) break;
        this.#move(above, at);
        at = above;
      }
      this.#put(at, key, score);
      return;
    }
    // As large as the worst, and later: no better.
    if (!(score > this.scores[0])) return;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= this.#count) break;
      if (below + 1 < this.#count && this.#isWorse(this.keys[below + 1], this.scores[below + 1], below))
        below++;
      if (this.#isWorse(key, score, below)) break;
      this.#move(below, at);
      at = below;
    }
    this.#put(at, key, score);
  }

  /** Whether a key is worse than the one at this place. */
  #isWorse(key: number, score: number, at: number): boolean {
    const other = this.scores[at];
    return score < other || (score === other && key > this.keys[at]);
  }

  #move(from: number, to: number): void {
    this.#put(to, this.keys[from], this.scores[from]);
  }

  #put(at: number, key: number, score: number): void {
    this.keys[at] = key;
    this.scores[at] = score;
  }
}
