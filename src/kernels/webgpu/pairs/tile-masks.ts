import type { TileMaskWords } from "../../walk-schedule.ts";
import { SQUARE, squaresAcross, TILE_ROWS, type TileSize } from "./tile-size.ts";

/** What rows of a tile attend of keys of a task of the schedule, from its key `from` on. */
export interface MaskPiece {
  /** The rows: the first of them in the tile is the first of the task. Others attend none of these keys. */
  readonly row: number;
  readonly rows: number;
  /** The task's mask; null if each of its rows attends all of its keys. */
  readonly mask: TileMaskWords | null;
  /** Tells the mask from others. */
  readonly name: string;
  readonly from: number;
  readonly count: number;
}

/**
 * The masks of tiles as shaders read them, each once: a word of hulls, and then bits, `keys / 32` words for each
 * of the 64 rows of a tile. A hull is the first key that some row of a half attends and the one after the last, a
 * byte each: those of the first 32 rows, and those of the others.
 */
export class TileMasks {
  readonly #size: TileSize;
  readonly #words: number[] = [];
  readonly #known = new Map<string, number>();

  constructor(size: TileSize) {
    this.#size = size;
  }

  /** Where the mask begins of a tile whose rows attend what these pieces, side by side, say. */
  place(pieces: readonly MaskPiece[]): number {
    const name = pieces
      .map(({ row, rows, name, from, count }) => [row, rows, name, from, count].join())
      .join(" ");
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const at = this.#words.length;
    this.#known.set(name, at);
    this.#write(pieces);
    return at;
  }

  get words(): Uint32Array {
    return Uint32Array.from(this.#words);
  }

  #write(pieces: readonly MaskPiece[]): void {
    const wordsPerRow = squaresAcross(this.#size);
    const words = new Uint32Array(TILE_ROWS * wordsPerRow);
    const hulls = [0, 0].map(() => ({ from: this.#size.keys, to: 0 }));
    let first = 0;
    for (const { row: firstRow, rows, mask, from, count } of pieces) {
      for (let row = 0; row < rows; row++) {
        const hull = hulls[Math.floor((firstRow + row) / SQUARE)];
        for (let key = 0; key < count; key++) {
          if (mask !== null && !mask.attends(row, from + key)) continue;
          const at = first + key;
          words[(firstRow + row) * wordsPerRow + Math.floor(at / SQUARE)] |= 1 << (at % SQUARE);
          hull.from = Math.min(hull.from, at);
          hull.to = Math.max(hull.to, at + 1);
        }
      }
      first += count;
    }
    const [upper, lower] = hulls.map(({ from, to }) => (from < to ? from + to * 256 : 0));
    this.#words.push(upper + lower * 65_536, ...words);
  }
}

/** The hull of one half of a tile's rows in a mask's first word. */
export function hullOf(word: number, half: number): readonly [from: number, to: number] {
  return [(word >>> (16 * half)) & 0xff, (word >>> (16 * half + 8)) & 0xff];
}
