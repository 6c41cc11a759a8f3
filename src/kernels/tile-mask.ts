import type { Intervals } from "../core/pattern.ts";

/** What the rows of a tile attend: a span each, and bits if that does not say everything. */
export class TileMask {
  /** The mask as `schedule.ts` describes it, and its size. */
  words = new Uint32Array(256);
  count = 0;
  hasHoles = false;
  /** Pairs attended. */
  attended = 0;

  /** The mask of keys `keyStart … keyEnd-1` for rows that attend `ranges[row]`. */
  fill(ranges: readonly Intervals[], keyStart: number, keyEnd: number): void {
    const rows = ranges.length;
    const wordsPerRow = (keyEnd - keyStart + 31) >>> 5;
    if (this.words.length < rows * (1 + wordsPerRow))
      this.words = new Uint32Array(2 * rows * (1 + wordsPerRow));
    this.attended = 0;
    this.hasHoles = false;
    for (let row = 0; row < rows; row++) this.words[row] = this.#span(ranges[row], keyStart, keyEnd);
    this.count = rows;
    if (this.hasHoles) this.#fillBits(ranges, keyStart, keyEnd, wordsPerRow);
  }

  #span(ranges: Intervals, keyStart: number, keyEnd: number): number {
    let first = 0;
    let end = 0;
    for (let at = 0; at < ranges.length; at += 2) {
      const from = Math.max(ranges[at], keyStart);
      const to = Math.min(ranges[at + 1], keyEnd);
      if (from >= to) continue;
      if (end === 0) first = from - keyStart;
      else this.hasHoles = true;
      end = to - keyStart;
      this.attended += to - from;
    }
    return first + end * 65_536;
  }

  #fillBits(ranges: readonly Intervals[], keyStart: number, keyEnd: number, wordsPerRow: number): void {
    const rows = ranges.length;
    this.count = rows * (1 + wordsPerRow);
    this.words.fill(0, rows, this.count);
    for (let row = 0; row < rows; row++) {
      const start = rows + row * wordsPerRow;
      for (let at = 0; at < ranges[row].length; at += 2) {
        const from = Math.max(ranges[row][at], keyStart) - keyStart;
        const to = Math.min(ranges[row][at + 1], keyEnd) - keyStart;
        for (let key = from; key < to; ) {
          const end = Math.min(to, (key | 31) + 1);
          const ones = end - key === 32 ? 0xffffffff : (1 << (end - key)) - 1;
          this.words[start + (key >>> 5)] |= ones << (key & 31);
          key = end;
        }
      }
    }
  }
}
