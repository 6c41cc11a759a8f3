import { CLOSES_ROWS, FULL, HAS_HOLES, IN_ORDER, type Schedule, TASK_WORDS } from "./schedule.ts";
import type { Entries } from "./schedule-writer.ts";

/**
 * Calls `run` for every group of at most `most` rows of a schedule, in order: the rows, and the words at
 * which their tasks begin and end.
 */
export function forEachGroup(
  tasks: Int32Array,
  most: number,
  run: (rows: Entries, first: number, end: number) => void,
): void {
  for (let first = 0; first < tasks.length; ) {
    let end = first;
    do end += TASK_WORDS;
    while ((tasks[end - 1] & CLOSES_ROWS) === 0);
    const [start, list, rows] = [tasks[first], tasks[first + 1], tasks[first + 2]];
    for (let row = 0; row < rows; row += most) {
      run({ first: start + row, list, count: Math.min(most, rows - row) }, first, end);
    }
    first = end;
  }
}

/** The token that an entry of a list is. */
function tokenAt(tokens: Int32Array, list: number, entry: number): number {
  return list === IN_ORDER ? entry : tokens[list + entry];
}

/** Tokens by their places among some: rows of a group, or keys of a tile. */
export interface Tokens {
  readonly count: number;
  token(at: number): number;
}

/** The tokens that entries of a list are. */
export function tokensOf(tokens: Int32Array, { first, list, count }: Entries): Tokens {
  return { count, token: (at) => tokenAt(tokens, list, first + at) };
}

/** Pairs computed by a kernel that does whole tiles, and the query and key rows that it reads. */
export function countTiles(
  { tasks }: Schedule,
  most: number,
): { pairs: number; queries: number; keys: number } {
  const count = { pairs: 0, queries: 0, keys: 0 };
  forEachGroup(tasks, most, (rows, first, end) => {
    count.queries += rows.count;
    for (let task = first; task < end; task += TASK_WORDS) {
      count.keys += tasks[task + 5];
      count.pairs += rows.count * tasks[task + 5];
    }
  });
  return count;
}

/** A tile's mask, decoded. */
export class TileMaskWords {
  readonly #masks: Uint32Array;
  readonly #at: number;
  /** Where the bits begin, and how many words a row has; 0 words if spans say everything. */
  readonly #bits: number;
  readonly #wordsPerRow: number;

  constructor(masks: Uint32Array, at: number, rows: number, wordsPerRow: number) {
    this.#masks = masks;
    this.#at = at;
    this.#bits = at + rows;
    this.#wordsPerRow = wordsPerRow;
  }

  /** Whether a row attends any key of the tile. */
  attendsAny(row: number): boolean {
    const span = this.#masks[this.#at + row];
    return (span & 0xffff) < span >>> 16;
  }

  /** Whether a row attends a key, both counted within the tile. */
  attends(row: number, key: number): boolean {
    const span = this.#masks[this.#at + row];
    if (key < (span & 0xffff) || key >= span >>> 16) return false;
    if (this.#wordsPerRow === 0) return true;
    const word = this.#masks[this.#bits + row * this.#wordsPerRow + (key >>> 5)];
    return ((word >>> (key & 31)) & 1) === 1;
  }
}

/** The mask of the task at this word; null if every row attends every key. */
export function maskOf(masks: Uint32Array, tasks: Int32Array, task: number): TileMaskWords | null {
  const at = tasks[task + 6];
  if (at === FULL) return null;
  const hasHoles = (tasks[task + 7] & HAS_HOLES) !== 0;
  return new TileMaskWords(masks, at, tasks[task + 2], hasHoles ? (tasks[task + 5] + 31) >>> 5 : 0);
}
