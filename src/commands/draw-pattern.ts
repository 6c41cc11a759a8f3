import type { BoundPattern } from "../core/pattern.ts";

/** From no pair to all pairs. */
const SHADES = ["·", "░", "▒", "▓", "█"] as const;
const MOST_CELLS = 64;

/**
 * The attention matrix in characters, two a cell so that it comes out square. If it is wider than the
 * terminal, a cell stands for several rows and keys, shaded by the share of pairs attended.
 */
export function drawPattern(pattern: BoundPattern, columns: number): string[] {
  const { length } = pattern;
  const cells = Math.min(length, MOST_CELLS, Math.max(8, Math.floor(columns / 2)));
  const size = Math.ceil(length / cells);
  const lines: string[] = [];
  for (let from = 0; from < length; from += size) {
    const to = Math.min(from + size, length);
    const attended = new Float64Array(Math.ceil(length / size));
    for (let query = from; query < to; query++) countCells(pattern.intervals(query), size, attended);
    const row = Array.from(attended, (pairs, cell) => {
      const whole = (to - from) * (Math.min((cell + 1) * size, length) - cell * size);
      return shade(pairs / whole).repeat(2);
    });
    lines.push(row.join("").trimEnd());
  }
  if (size > 1) lines.push(`each cell stands for ${size} × ${size} pairs`);
  return lines;
}

function countCells(intervals: readonly number[], size: number, attended: Float64Array): void {
  for (let at = 0; at < intervals.length; at += 2) {
    let key = intervals[at];
    while (key < intervals[at + 1]) {
      const cell = Math.floor(key / size);
      const end = Math.min(intervals[at + 1], (cell + 1) * size);
      attended[cell] += end - key;
      key = end;
    }
  }
}

/** The character of a share, from 0 to 1. */
export function shade(share: number): string {
  if (share === 0) return SHADES[0];
  if (share === 1) return SHADES[4];
  return SHADES[Math.min(3, 1 + Math.floor(share * 3))];
}
