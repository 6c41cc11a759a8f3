/**
 * A pattern as tiles. `tasks` holds `TASK_WORDS` words per task, in the order in which a kernel runs them:
 *
 * | word | meaning |
 * |---|---|
 * | 0, 1, 2 | query rows: first, list, count; more than a tile has if none of their tasks has a mask |
 * | 3, 4, 5 | keys: first, list, count; 0 keys only opens or closes rows |
 * | 6 | where in `masks` the tile's mask begins, or `FULL` |
 * | 7 | flags: what happens to the online-softmax state of the rows, and whether the mask has bits |
 *
 * A list is where in `tokens` it begins, and entry n is the token `tokens[list + n]`; the word before it is its
 * number of entries. The list `IN_ORDER` is that of all tokens, entry n being token n. Tasks whose keys are in
 * one list follow one another, so that a kernel may copy the list's keys and values side by side first.
 *
 * A mask has one word per row, its span: the first key that it attends in the tile, and the one after the
 * last times 65536; equal if it attends none. With `HAS_HOLES` bits follow, since some row does not attend
 * all keys of its span: row by row, `ceil(keyCount / 32)` words per row, lowest bit first. Identical masks
 * are stored once.
 *
 * A union runs in passes: contiguous keys in natural order; what is dense in other orders, in each of them; and
 * each comb in the order of residue classes, in which it is contiguous as well. The state of a row (running
 * maximum, sum, unnormalised output) carries over from pass to pass, and each pair is in one of them.
 */
export interface Schedule {
  readonly tasks: Int32Array;
  readonly tokens: Int32Array;
  readonly masks: Uint32Array;
  /** Passes over the rows; with more than one, state is kept between them. */
  readonly passes: number;
  /** Where each pass begins in `tasks`. */
  readonly passStarts: readonly number[];
  /** Whether the first pass is in natural order; the others go by lists. */
  readonly hasNaturalPass: boolean;
}

export const TASK_WORDS = 8;
export const FULL = -1;
/** The list of all tokens. */
export const IN_ORDER = -1;

/** The rows are new to the kernel: load their queries. */
export const OPENS_ROWS = 1;
/** The rows' state begins empty; without it, an opening task loads the state that an earlier pass left. */
export const EMPTY_STATE = 2;
/** The last task of these rows in this pass: store their state. */
export const CLOSES_ROWS = 4;
/** With `CLOSES_ROWS`: no pass follows, so the output is normalised and written. */
export const FINAL = 8;
/** The mask has bits behind its spans. */
export const HAS_HOLES = 16;

/** How a kernel wants its work cut. */
export interface TileSizes {
  /** The most query rows of a task that has a mask; rows without one may be any number. */
  readonly queries: number;
  /**
   * The most keys of a task that has a mask and begins at the beginning of a panel, at most 65 535, and no
   * fewer than a panel has; full tasks may be of any length.
   */
  readonly keys: number;
  /**
   * Keys that are computed together, counted from the first of their order: a task with a mask that begins
   * within a panel has as many fewer keys. One if omitted.
   */
  readonly panel?: number;
  /** Rows that are computed together, over the keys from the first to the last of theirs; one if omitted. */
  readonly rows?: number;
}
