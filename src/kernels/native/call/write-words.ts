import type { Region } from "./memory.ts";

const WORD = BigInt64Array.BYTES_PER_ELEMENT;

/** Writes words of a block that begins `offset` bytes into a region, each by its place in the block. */
export function writeWords(
  { words, bytes }: Region,
  values: Iterable<readonly [place: number, value: number | bigint]>,
  offset = 0,
): void {
  for (const [place, value] of values) {
    const at = offset + place;
    if (!(at >= 0 && at % WORD === 0 && at + WORD <= bytes)) {
      throw new RangeError(`a word must lie within ${bytes} bytes, got one at ${at}`);
    }
    words[at / WORD] = BigInt(value);
  }
}
