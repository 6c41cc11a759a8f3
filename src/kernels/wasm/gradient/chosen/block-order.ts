import { IN_ORDER } from "../../../schedule.ts";
import type { Sizes } from "../../selection/sizes.ts";
import { GRADIENT_ROWS } from "../layout.ts";
import type { RowSegments } from "./row-segments.ts";
import type { TileRoom, TileWriter } from "./tile-writer.ts";

/** Brings rows into the order of the blocks that they chose. */
export class BlockOrder {
  readonly #sizes: Sizes;
  readonly #segments: number;
  /** Where the rows of each block begin. */
  readonly #starts: Int32Array;

  constructor(sizes: Sizes, { count }: RowSegments) {
    this.#sizes = sizes;
    this.#segments = count;
    this.#starts = new Int32Array(sizes.blocks + 2);
  }

  get bytes(): number {
    return this.#starts.byteLength;
  }

  /** What so many rows take at most. */
  room(rows: number): Omit<TileRoom, "ranges"> {
    const { blocks, most } = this.#sizes;
    const entries = rows * most;
    const tasks = Math.min(this.#segments * blocks, entries);
    return { tasks, entries, masks: 0, groups: tasks + Math.ceil(entries / GRADIENT_ROWS) };
  }

  /** Whether a row chose a block after which none can come. */
  hasChosen(choice: Int32Array, row: number, block: number): boolean {
    const { most } = this.#sizes;
    for (let at = (row + 1) * most - 1; at >= row * most; at--) {
      if (choice[at] >= 0) return choice[at] === block;
    }
    return false;
  }

  /** Rows `from … to-1` as lists, one a block, against all keys of the block; but for a row's own block. */
  write(writer: TileWriter, choice: Int32Array, from: number, to: number, length: number): void {
    const { block: size, blocks, most } = this.#sizes;
    const starts = this.#starts.fill(0);
    for (let row = from; row < to; row++) {
      const own = Math.floor(row / size);
      for (let at = row * most, end = at + most; at < end && choice[at] >= 0; at++) {
        if (choice[at] !== own) starts[choice[at] + 2]++;
      }
    }
    for (let block = 0; block < blocks; block++) starts[block + 2] += starts[block + 1];
    const list = writer.list(starts[blocks + 1]);
    const { tokens } = writer;
    // What is where a block begins moves on to where it ends, which is where the next one begins.
    for (let row = from; row < to; row++) {
      const own = Math.floor(row / size);
      for (let at = row * most, end = at + most; at < end && choice[at] >= 0; at++) {
        if (choice[at] !== own) tokens[list + starts[choice[at] + 1]++] = row;
      }
    }
    for (let block = 0; block < blocks; block++) {
      const count = starts[block + 1] - starts[block];
      if (count === 0) continue;
      const first = block * size;
      const keys = { list: IN_ORDER, first, count: Math.min(length, first + size) - first };
      writer.full({ list, first: starts[block], count }, keys, {});
    }
  }
}
