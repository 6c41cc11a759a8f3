import type { Intervals } from "../core/pattern.ts";
import type { TileBits } from "./schedule-writer.ts";

/** A tile's bits, all clear. */
export function emptyBits(queryCount: number, keyCount: number): TileBits {
  const wordsPerRow = Math.ceil(keyCount / 32);
  return { words: new Uint32Array(queryCount * wordsPerRow), wordsPerRow };
}

/** Sets the bits of `row` for the keys of `ranges` that lie in `[keyStart, keyEnd)`. */
export function setRanges(
  bits: TileBits,
  row: number,
  ranges: Intervals,
  keyStart: number,
  keyEnd: number,
): void {
  for (let at = 0; at < ranges.length; at += 2) {
    const from = Math.max(ranges[at], keyStart) - keyStart;
    const to = Math.min(ranges[at + 1], keyEnd) - keyStart;
    for (let key = from; key < to; ) {
      const word = key >>> 5;
      const end = Math.min(to, (word + 1) << 5);
      const ones = end - key === 32 ? 0xffffffff : (1 << (end - key)) - 1;
      bits.words[row * bits.wordsPerRow + word] |= ones << (key & 31);
      key = end;
    }
  }
}

/** Bits set. */
export function countBits({ words }: TileBits): number {
  let total = 0;
  for (const word of words) {
    const pairs = word - ((word >>> 1) & 0x55555555);
    const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
    total += Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }
  return total;
}
