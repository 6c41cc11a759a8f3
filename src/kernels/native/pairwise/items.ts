import { CLOSES_ROWS, type Schedule, TASK_WORDS } from "../../schedule.ts";
import { LANES } from "../code/transpose.ts";
import { TILE } from "./layout.ts";

/** Up to 48 rows of one pass: the word at which their tasks begin, the first row, counted in its list, and how many. */
export interface RowsItem {
  readonly task: number;
  readonly list: number;
  readonly first: number;
  readonly rows: number;
  readonly vectors: number;
  /** Keys that they go through. */
  readonly keys: number;
}

/** The items of each pass of a schedule, in its order. */
export function itemsOf({ tasks, passStarts }: Schedule): RowsItem[][] {
  return passStarts.map((start, pass) => itemsOfPass(tasks, start, passStarts[pass + 1] ?? tasks.length));
}

function itemsOfPass(tasks: Int32Array, start: number, end: number): RowsItem[] {
  const items: RowsItem[] = [];
  for (let task = start, next = start; task < end; task = next) {
    let keys = 0;
    do {
      keys += tasks[next + 5];
      next += TASK_WORDS;
    } while ((tasks[next - 1] & CLOSES_ROWS) === 0);
    const [first, list, count] = tasks.subarray(task, task + 3);
    let row = 0;
    for (const vectors of vectorsOf(count)) {
      const rows = Math.min(count - row, vectors * LANES);
      items.push({ task, list, first: first + row, rows, vectors, keys });
      row += rows;
    }
  }
  return items;
}

/** Vectors of each item of so many rows: three, and at the end rather two and two than three and one, which a tile computes slower. */
function vectorsOf(rows: number): number[] {
  const vectors = Math.ceil(rows / LANES);
  const whole = Array.from({ length: Math.floor(vectors / TILE.vectors) }, () => TILE.vectors);
  const rest = vectors % TILE.vectors;
  if (rest === 0) return whole;
  if (rest === 1 && whole.length > 0) return [...whole.slice(1), 2, 2];
  return [...whole, rest];
}
