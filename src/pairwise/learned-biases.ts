import type { Bias } from "./bias.ts";

/**
 * Tells which heads' learned numbers are others than when it was last asked: what belongs to the layer may
 * change between calls, and what was made of it is then made anew. All numbers are compared, bit by bit.
 */
export class LearnedBiases {
  readonly #entries: number;
  readonly #now: Int32Array;
  readonly #seen: Int32Array;

  /** `table` are the numbers of all heads, as they are now. */
  constructor(bias: Bias, table: Float32Array) {
    this.#entries = bias.table?.entries ?? 0;
    this.#now = new Int32Array(table.buffer, table.byteOffset, table.length);
    this.#seen = this.#now.slice();
  }

  changed(head: number): boolean {
    const from = head * this.#entries;
    let changed = false;
    for (let at = from; at < from + this.#entries; at++) {
      if (this.#now[at] === this.#seen[at]) continue;
      this.#seen[at] = this.#now[at];
      changed = true;
    }
    return changed;
  }
}
