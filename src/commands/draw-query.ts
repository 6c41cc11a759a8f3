import { attendsItself, type QueryPicture } from "../core/query-picture.ts";
import { shade } from "./draw-pattern.ts";

/** Marks the query: whether it is among its own keys. */
const MARKS = { own: "@", other: "o" } as const;

/**
 * The keys of a query in characters, two a token if they fit, so that pixels come out square. If the picture
 * is wider than the terminal, a cell stands for several tokens, shaded by the share of keys among them.
 */
export function drawQuery(picture: QueryPicture, columns: number): string[] {
  const { width, height, length, row, column, rows } = picture;
  const size = width <= columns ? 1 : Math.ceil(width / Math.max(8, Math.floor(columns / 2)));
  const characters = size === 1 && 2 * width > columns ? 1 : 2;
  const mark = MARKS[attendsItself(picture) ? "own" : "other"];
  const lines: string[] = [];
  for (let top = 0; top < height; top += size) {
    const cells: string[] = [];
    for (let left = 0; left < width; left += size) {
      const [bottom, right] = [Math.min(top + size, height), Math.min(left + size, width)];
      const holdsQuery = top <= row && row < bottom && left <= column && column < right;
      let keys = 0;
      let tokens = 0;
      for (let at = top; at < bottom; at++) {
        const end = Math.min(right, length - at * width);
        tokens += Math.max(0, end - left);
        keys += within(rows[at], left, end);
      }
      const cell = holdsQuery ? mark : tokens === 0 ? " " : shade(keys / tokens);
      cells.push(cell.repeat(characters));
    }
    lines.push(cells.join("").trimEnd());
  }
  if (size > 1) lines.push(`each cell stands for ${Math.min(size, height)} × ${size} tokens`);
  return lines;
}

/** What the mark says. */
export function markText(picture: QueryPicture): string {
  return attendsItself(picture)
    ? `${MARKS.own} marks it`
    : `${MARKS.other} marks it, which is no key of itself`;
}

/** Columns of some ranges from `from` to before `to`. */
function within(ranges: readonly number[], from: number, to: number): number {
  let count = 0;
  for (let at = 0; at < ranges.length; at += 2) {
    count += Math.max(0, Math.min(to, ranges[at + 1]) - Math.max(from, ranges[at]));
  }
  return count;
}
