import { FULL, HAS_HOLES, IN_ORDER, type Schedule, TASK_WORDS } from "../../schedule.ts";
import type { Entries } from "../../schedule-writer.ts";
import { forEachGroup, maskOf } from "../../walk-schedule.ts";
import { type MaskPiece, TileMasks } from "./tile-masks.ts";
import { SQUARE, TILE_ROWS, type TileSize } from "./tile-size.ts";

/** Keys for the rows of a group: any number of which every row attends all, or a tile with a mask. */
export interface TileTask extends Entries {
  /** Where in `TileMasks` the mask begins, or `FULL`. */
  readonly mask: number;
}

/** Keys of a task of the schedule that are still to be put into a tile. */
interface Piece extends MaskPiece {
  readonly first: number;
  readonly list: number;
}

/** Rows, and what they attend. */
export interface RowTasks {
  readonly rows: Entries;
  readonly tasks: readonly TileTask[];
}

/** A group of rows before its tasks are made. */
interface RowPieces {
  readonly rows: Entries;
  readonly pieces: readonly Piece[];
}

/**
 * Turns the tasks of a schedule into those of a device, on which a range of 3 keys costs what one of 32 costs:
 * ranges of a group that do not fill tiles are put side by side into tiles that they fill, whose keys are then a
 * list of tokens.
 */
export class TileTasks {
  readonly #schedule: Schedule;
  readonly #size: TileSize;
  readonly #masks: TileMasks;
  readonly #tokens: number[] = [];

  constructor(schedule: Schedule, size: TileSize) {
    this.#schedule = schedule;
    this.#size = size;
    this.#masks = new TileMasks(size);
  }

  /**
   * All groups of rows of the schedule. Groups that are small in both ways, such as classes of a comb of few
   * members, are put together into squares, in which each is a block on the diagonal.
   */
  groups(): RowTasks[] {
    const groups: RowTasks[] = [];
    let small: RowPieces[] = [];
    let room = { rows: SQUARE, keys: SQUARE };
    const flush = (): void => {
      if (small.length > 0) groups.push(this.#together(small));
      small = [];
      room = { rows: SQUARE, keys: SQUARE };
    };
    forEachGroup(this.#schedule.tasks, TILE_ROWS, (rows, first, end) => {
      const pieces: Piece[] = [];
      for (let at = first; at < end; at += TASK_WORDS) {
        if (this.#schedule.tasks[at + 5] > 0) pieces.push(this.#piece(at, rows.count));
      }
      pieces.sort((a, b) => a.list - b.list || a.first - b.first);
      const keys = countOf(pieces);
      if (keys === 0 || Math.max(rows.count, keys) > SQUARE / 2) {
        groups.push({ rows, tasks: this.#tasks(pieces) });
        return;
      }
      if (rows.count > room.rows || keys > room.keys) flush();
      small.push({ rows, pieces });
      room = { rows: room.rows - rows.count, keys: room.keys - keys };
    });
    flush();
    return groups;
  }

  #together(groups: readonly RowPieces[]): RowTasks {
    const [{ rows, pieces }] = groups;
    if (groups.length === 1) return { rows, tasks: this.#tasks(pieces) };
    let count = 0;
    const shifted = groups.flatMap((group) => {
      const row = count;
      count += group.rows.count;
      return group.pieces.map((piece) => ({ ...piece, row }));
    });
    const list = this.#list(groups.map((group) => group.rows));
    return { rows: { first: 0, list, count }, tasks: [this.#tile(shifted, count)] };
  }

  /** The tasks of one group. */
  #tasks(pieces: readonly Piece[]): TileTask[] {
    const rows = pieces[0]?.rows ?? 0;
    const tasks: TileTask[] = [];
    let open: Piece[] = [];
    let room = this.#size.keys;
    const close = (): void => {
      if (open.length > 0) tasks.push(this.#tile(open, rows));
      open = [];
      room = this.#size.keys;
    };
    for (let piece of pieces) {
      if (open.length > 0) {
        const taken = Math.min(room, piece.count);
        open.push(cut(piece, 0, taken));
        room -= taken;
        piece = cut(piece, taken, piece.count);
        if (room === 0) close();
      }
      const whole = piece.count - (piece.count % this.#size.keys);
      if (whole > 0) {
        tasks.push(this.#tile([cut(piece, 0, whole)], rows));
        piece = cut(piece, whole, piece.count);
      }
      if (piece.count > 0) {
        open.push(piece);
        room -= piece.count;
      }
    }
    close();
    return tasks;
  }

  get masks(): Uint32Array {
    return this.#masks.words;
  }

  /** The tokens of the schedule, and behind them those of lists that were made here. */
  get tokens(): Int32Array {
    const { tokens } = this.#schedule;
    const all = new Int32Array(tokens.length + this.#tokens.length);
    all.set(tokens);
    all.set(this.#tokens, tokens.length);
    return all;
  }

  #piece(at: number, rows: number): Piece {
    const { tasks, masks } = this.#schedule;
    const [first, list, count, mask, flags] = tasks.subarray(at + 3, at + TASK_WORDS);
    const name = mask === FULL ? "full" : `${mask}/${(flags & HAS_HOLES) === 0 ? 0 : count}`;
    return { first, list, count, from: 0, row: 0, rows, mask: maskOf(masks, tasks, at), name };
  }

  #tile(pieces: readonly Piece[], rows: number): TileTask {
    const count = countOf(pieces);
    const full = pieces.every((piece) => piece.mask === null && piece.rows === rows);
    const mask = full ? FULL : this.#masks.place(pieces);
    const [{ first, list }] = pieces;
    let next = first;
    const together = pieces.every((piece) => {
      const follows = piece.list === list && piece.first === next;
      next += piece.count;
      return follows;
    });
    if (together) return { first, list, count, mask };
    return { first: 0, list: this.#list(pieces), count, mask };
  }

  /** A list of the tokens of these entries. */
  #list(all: readonly Entries[]): number {
    const { tokens } = this.#schedule;
    const at = tokens.length + this.#tokens.length;
    for (const { first, list, count } of all) {
      for (let key = first; key < first + count; key++) {
        this.#tokens.push(list === IN_ORDER ? key : tokens[list + key]);
      }
    }
    return at;
  }
}

function countOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { count }) => sum + count, 0);
}

/** Keys `from … to - 1` of a piece. */
function cut(piece: Piece, from: number, to: number): Piece {
  return { ...piece, first: piece.first + from, from: piece.from + from, count: to - from };
}
