import type { ColumnData } from "hyparquet";
import type { ColumnType } from "../column.ts";

type Cells = ColumnData["columnData"];

/** A piece of a column as it is held. */
interface Piece {
  readonly from: number;
  readonly length: number;
  at(index: number): unknown;
}

/**
 * The values of a column of a row group, in the pieces that they were read in. Numbers are held in eight bytes each, where the
 * library has an object for most of them: what is held for as long as a group lasts is what the heap grows with.
 */
export class ColumnCells {
  readonly #isNumeric: boolean;
  readonly #pieces: Piece[] = [];
  /** The piece that was asked last. */
  #last = 0;

  constructor(type: ColumnType) {
    this.#isNumeric = type === "integer" || type === "double";
  }

  /** Takes in values that begin at a row. */
  add(from: number, cells: Cells): void {
    const packed = this.#isNumeric ? packedNumbers(cells) : null;
    this.#pieces.push({ from, length: cells.length, at: packed ?? ((index) => cells[index]) });
  }

  /** What a row has; rows are asked for in order. */
  at(row: number): unknown {
    while (this.#last < this.#pieces.length) {
      const { from, length, at } = this.#pieces[this.#last];
      if (row < from + length) return at(row - from);
      this.#last++;
    }
    return undefined;
  }
}

/** Numbers and nulls in typed arrays; null if there is anything else among them, or a whole number that a double does not hold. */
function packedNumbers(cells: Cells): Piece["at"] | null {
  const numbers = new Float64Array(cells.length);
  const known = new Uint8Array(cells.length);
  for (let at = 0; at < cells.length; at++) {
    const cell: unknown = cells[at];
    if (cell === null || cell === undefined) continue;
    const number = typeof cell === "bigint" ? Number(cell) : cell;
    if (typeof number !== "number") return null;
    if (typeof cell === "bigint" && !Number.isSafeInteger(number)) return null;
    numbers[at] = number;
    known[at] = 1;
  }
  return (index) => (known[index] === 1 ? numbers[index] : null);
}
