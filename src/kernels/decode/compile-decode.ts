import type { BoundPattern, Intervals } from "../../core/pattern.ts";
import { keptKeys } from "../../pattern/kept-keys.ts";
import { lastQueries } from "../../pattern/last-queries.ts";
import { combKeys } from "./progressions.ts";
import { RowTable } from "./row-table.ts";
import { assignSlots, type Slots } from "./slots.ts";

/**
 * What decoding needs of one head's pattern at one capacity. Compiled once; a step looks up, and allocates
 * nothing.
 */
export interface DecodeSchedule {
  /** Tokens. */
  readonly capacity: number;
  /** Rows of keys, and of values, that the cache has. */
  readonly slots: number;
  /**
   * For each key the slot of the cache that it lies in from its own step on; -1 if it is never attended.
   */
  readonly slotOf: Int32Array;
  /**
   * For each key the last query that attends it, -1 if none does: after that another key may have its slot.
   */
  readonly lastQuery: Int32Array;
  /**
   * For each position, 0 … capacity, how many keys before it are kept: those that the query before it or a
   * later one attends.
   */
  readonly keptKeys: Int32Array;
  /**
   * Pieces of rows: their number, then first slot, slot step and count of each but the last, and first slot
   * and slot step of the last. The pieces of a row are disjoint, and are its attended keys.
   */
  readonly pieces: Int32Array;
  /** For each row where its pieces begin, and the count of the last of them, 0 if it has none. */
  readonly rowAt: Int32Array;
  readonly lastCount: Int32Array;
  /** The most keys of a row. */
  readonly mostKeys: number;
}

/** Compiles a causal pattern by interval arithmetic: O(rows + pieces) time, and no N×N mask. */
export function compileDecode(pattern: BoundPattern): DecodeSchedule {
  const { length, combs } = pattern;
  const lastQuery = lastQueries(pattern);
  const slots = assignSlots(pattern, lastQuery);
  const table = new RowTable(length);
  const hasRuns = combs.length === 0 || pattern.someRuns(0, length).length > 0;
  const none: Intervals = [];
  const pieces: number[] = [];
  let mostKeys = 0;
  for (let query = 0; query < length; query++) {
    pieces.length = 0;
    const runs = hasRuns ? pattern.runs(query) : none;
    // Runs come last: the last of them grows from row to row.
    for (let index = 0; index < combs.length; index++) {
      const keys = combKeys(combs[index], combs.slice(0, index), runs, query, length);
      for (const { first, step, count } of keys) pushPieces(pieces, slots, first, step, count);
    }
    for (let at = 0; at < runs.length; at += 2) {
      pushPieces(pieces, slots, runs[at], 1, runs[at + 1] - runs[at]);
    }
    table.set(query, pieces);
    let keys = 0;
    for (let at = 2; at < pieces.length; at += 3) keys += pieces[at];
    mostKeys = Math.max(mostKeys, keys);
  }
  return {
    capacity: length,
    slots: slots.count,
    slotOf: slots.slotOf,
    lastQuery,
    keptKeys: keptKeys(lastQuery),
    pieces: table.words,
    rowAt: table.rowAt,
    lastCount: table.lastCount,
    mostKeys,
  };
}

/** Appends the slots of keys `first, first + step, …` as few pieces. `step` is a multiple of `keyStep`. */
function pushPieces(
  pieces: number[],
  { slotOf, keyStep, ahead }: Slots,
  first: number,
  step: number,
  count: number,
): void {
  const slotStep = step / keyStep;
  const begin = pieces.length;
  let key = first;
  for (let left = count; left > 0; ) {
    const many = Math.min(left, Math.floor((ahead[key] - 1) / slotStep) + 1);
    pushPiece(pieces, begin, slotOf[key], slotStep, many);
    key += many * step;
    left -= many;
  }
}

/** Appends one piece, or extends the previous piece by a single slot that continues it at an even pace. */
function pushPiece(pieces: number[], begin: number, slot: number, step: number, count: number): void {
  const last = pieces.length - 3;
  if (count === 1 && last >= begin) {
    const before = pieces[last + 2];
    if (before === 1) pieces[last + 1] = slot - pieces[last];
    if (before === 1 || slot === pieces[last] + before * pieces[last + 1]) {
      pieces[last + 2]++;
      return;
    }
  }
  pieces.push(slot, step, count);
}
