import type { DecodeSchedule } from "../../decode/compile-decode.ts";

/**
 * Refuses a schedule that names a slot that its cache does not have: machine code asks about none. The format is
 * that of `DecodeSchedule`.
 */
export function checkSchedule(schedule: DecodeSchedule): void {
  const { capacity, slots, slotOf, pieces, rowAt, lastCount } = schedule;
  const fail = (row: number): never => {
    throw new RangeError(`row ${row} of a decoding schedule must read slots 0 to ${slots - 1} alone`);
  };
  /** Rows share pieces: those but the last are looked at once for each place where they begin. */
  const seen = new Set<number>();
  for (let row = 0; row < capacity; row++) {
    const at = rowAt[row];
    const count = pieces[at];
    if (!(slotOf[row] < slots && count >= 0 && at + 3 * count <= pieces.length)) fail(row);
    if (count === 0) continue;
    if (!seen.has(at)) {
      seen.add(at);
      for (let piece = at; piece < at + 3 * (count - 1); piece += 3) {
        if (!isWithin(pieces[piece + 1], pieces[piece + 2], pieces[piece + 3], slots)) fail(row);
      }
    }
    const last = at + 3 * (count - 1);
    if (!isWithin(pieces[last + 1], pieces[last + 2], lastCount[row], slots)) fail(row);
  }
}

function isWithin(first: number, step: number, count: number, slots: number): boolean {
  const end = first + step * (count - 1);
  return count >= 0 && (count === 0 || (first >= 0 && first < slots && end >= 0 && end < slots));
}
