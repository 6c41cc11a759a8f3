import {
  CLOSES_ROWS,
  EMPTY_STATE,
  FINAL,
  FULL,
  HAS_HOLES,
  IN_ORDER,
  OPENS_ROWS,
  TASK_WORDS,
} from "../../../schedule.ts";
import { PANEL_KEYS, PANEL_QUERIES, TILE } from "../../layout.ts";
import { fullFlops, type TileWidths, taskFlops } from "../count-work.ts";
import { GRADIENT_ROWS, GROUP_WORDS } from "../layout.ts";

/** The most words that tiles take. */
export interface TileRoom {
  readonly tasks: number;
  /** Entries of lists. */
  readonly entries: number;
  readonly masks: number;
  readonly groups: number;
  readonly ranges: number;
}

/** Where tiles are written, in the memory of a call: as `schedule.ts` and `segments.ts` have them. */
export interface TileWords {
  readonly tasks: Int32Array;
  readonly tokens: Int32Array;
  readonly masks: Uint32Array;
  readonly groups: Int32Array;
  readonly ranges: Int32Array;
}

/** Entries of a list, `first … first + count - 1`. */
export interface Entries {
  /** Where it begins among the tokens, or `IN_ORDER`. */
  readonly list: number;
  readonly first: number;
  readonly count: number;
}

/** What becomes of the sums of rows: they begin at 0, or are fetched; they are kept, or written as gradients. */
export interface RowState {
  readonly begins?: boolean;
  readonly ends?: boolean;
}

/** Writes tiles of the gradient in a call, once their rows and keys are known, and counts what they do. */
export class TileWriter {
  /** Which keys each row of a group attends, `from … to-1`, for `spans`. */
  readonly from = new Int32Array(GRADIENT_ROWS);
  readonly to = new Int32Array(GRADIENT_ROWS);
  /** Lists of tokens, of which `list` says where there is room. */
  readonly tokens: Int32Array;
  readonly masks: Uint32Array;
  readonly #words: TileWords;
  readonly #widths: TileWidths;
  #tasks = 0;
  #tokens = 0;
  #masks = 0;
  #groups = 0;
  #rangeStart = 0;
  #ranges = 0;
  #flops = 0;
  #floats = 0;

  constructor(words: TileWords, widths: TileWidths) {
    this.tokens = words.tokens;
    this.masks = words.masks;
    this.#words = words;
    this.#widths = widths;
  }

  /** Operations, and numbers that are read and written, of all tiles since they were last counted from 0. */
  get flops(): number {
    return this.#flops;
  }
  get floats(): number {
    return this.#floats;
  }
  count(): void {
    this.#flops = 0;
    this.#floats = 0;
  }

  /** Begins anew. */
  begin(): void {
    this.#tasks = 0;
    this.#tokens = 0;
    this.#masks = 0;
    this.#groups = 0;
    this.#rangeStart = 0;
    this.#ranges = 0;
  }

  /** Ends a range of groups, which one thread goes through in order. */
  endRange(): void {
    const at = 2 * this.#ranges++;
    this.#words.ranges[at] = this.#rangeStart;
    this.#words.ranges[at + 1] = this.#groups;
    this.#rangeStart = this.#groups;
  }

  /** Room for a list: where it begins among the tokens. */
  list(count: number): number {
    this.#tokens += count;
    return this.#tokens - count;
  }

  /** Rows, any number of them, that attend all of the keys. */
  full(rows: Entries, keys: Entries, state: RowState): void {
    const task = this.#task(rows, keys, FULL, OPENS_ROWS | CLOSES_ROWS | flagsOf(state));
    const groups = Math.ceil(rows.count / GRADIENT_ROWS);
    const together = Math.ceil(rows.count / groups / PANEL_QUERIES) * PANEL_QUERIES;
    for (let row = 0; row < rows.count; row += together) {
      const here = Math.min(together, rows.count - row);
      this.#group(task, row, here);
      this.#flops += fullFlops({ rows: here, firstKey: keys.first, keyCount: keys.count }, this.#widths);
      this.#countKeys(keys.count);
    }
  }

  /** Rows that are open together, each with the keys of its span; a row whose span is empty attends none. */
  spans(rows: Entries, state: RowState): void {
    let [first, last] = [Number.MAX_SAFE_INTEGER, 0];
    // Keys that all rows attend.
    let [from, to] = [0, Number.MAX_SAFE_INTEGER];
    for (let r = 0; r < rows.count; r++) {
      from = Math.max(from, this.from[r]);
      to = Math.min(to, this.to[r]);
      if (this.from[r] >= this.to[r]) continue;
      first = Math.min(first, this.from[r]);
      last = Math.max(last, this.to[r]);
    }
    const group = this.open(rows, state);
    for (let key = first; key < last; ) {
      const next = Math.min(last, tileEnd(key));
      const keys = { list: IN_ORDER, first: key, count: next - key };
      if (from <= key && next <= to) group.full(keys);
      else {
        const mask = this.#masks;
        this.#masks += rows.count;
        for (let r = 0; r < rows.count; r++) {
          const [start, end] = [Math.max(this.from[r], key) - key, Math.min(this.to[r], next) - key];
          this.masks[mask + r] = start < end ? spanWord(start, end) : 0;
        }
        group.masked(keys, mask, false);
      }
      key = next;
    }
    group.close();
  }

  /** Room for the mask of a tile whose keys have bits: a span for each row, and then `holeWords(keys)` words for each. */
  holes(rows: number, keys: number): number {
    const mask = this.#masks;
    this.#masks += rows * (1 + holeWords(keys));
    return mask;
  }

  /** Opens rows, at most `GRADIENT_ROWS`, for tiles one after the other. */
  open(rows: Entries, state: RowState): OpenRows {
    let flags = OPENS_ROWS | (state.begins === true ? EMPTY_STATE : 0);
    const opening = this.#tasks * TASK_WORDS;
    const task = (keys: Entries, mask: number, more: number): void => {
      this.#task(rows, keys, mask, flags | more);
      flags = 0;
      this.#countKeys(keys.count);
    };
    return {
      full: (keys) => {
        task(keys, FULL, 0);
        this.#flops += fullFlops(
          { rows: rows.count, firstKey: keys.first, keyCount: keys.count },
          this.#widths,
        );
      },
      masked: (keys, mask, hasBits) => {
        task(keys, mask, hasBits ? HAS_HOLES : 0);
        const spans = this.masks.subarray(mask, mask + rows.count);
        const pairs = { spans, rows: rows.count, firstKey: keys.first, keyCount: keys.count };
        this.#flops += taskFlops(pairs, this.#widths);
      },
      close: () => {
        if (flags !== 0) task({ list: IN_ORDER, first: 0, count: 0 }, FULL, 0);
        this.#words.tasks[this.#tasks * TASK_WORDS - 1] |= CLOSES_ROWS | (state.ends === true ? FINAL : 0);
        this.#group(opening, 0, rows.count);
      },
    };
  }

  #group(task: number, row: number, rows: number): void {
    const at = GROUP_WORDS * this.#groups++;
    const { groups } = this.#words;
    groups[at] = task;
    groups[at + 1] = row;
    groups[at + 2] = rows;
    const { headDim, valueDim } = this.#widths;
    // Queries, dout and the output, and sums of queries fetched and kept; the product of the second and the third.
    this.#floats += rows * (3 * headDim + 2 * valueDim);
    this.#flops += rows * (headDim + 2 * valueDim);
  }

  #countKeys(keys: number): void {
    const { headDim, valueDim } = this.#widths;
    this.#floats += 3 * keys * (headDim + valueDim);
  }

  /** Returns where it begins, in words. */
  #task(rows: Entries, keys: Entries, mask: number, flags: number): number {
    const at = TASK_WORDS * this.#tasks++;
    const { tasks } = this.#words;
    tasks[at] = rows.first;
    tasks[at + 1] = rows.list;
    tasks[at + 2] = rows.count;
    tasks[at + 3] = keys.first;
    tasks[at + 4] = keys.list;
    tasks[at + 5] = keys.count;
    tasks[at + 6] = mask;
    tasks[at + 7] = flags;
    return at;
  }
}

/** Rows that are open. */
export interface OpenRows {
  /** All of them attend all of these keys. */
  full(keys: Entries): void;
  /** Keys of one tile and its mask, which has bits behind its spans or not. */
  masked(keys: Entries, mask: number, hasBits: boolean): void;
  close(): void;
}

/** Where the tile ends that begins with an entry. */
function tileEnd(first: number): number {
  return first - (first % PANEL_KEYS.wide) + TILE.columns;
}

/** The span of a row in a mask. */
export function spanWord(from: number, to: number): number {
  return from + to * 0x1_0000;
}

/** Words of a row's bits. */
export function holeWords(keys: number): number {
  return Math.ceil(keys / 32);
}

function flagsOf({ begins, ends }: RowState): number {
  return (begins === true ? EMPTY_STATE : 0) | (ends === true ? FINAL : 0);
}
