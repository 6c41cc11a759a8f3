import { FLOAT_BYTES } from "../../../core/shape.ts";
import { floatBits } from "../assembler/index.ts";
import type { Place, Word } from "./block-queue.ts";

/** A matrix in an array: its first element, and how many floats its rows, and its columns, are apart. */
export interface Operand {
  readonly array: Float32Array;
  readonly from: number;
  readonly row: number;
  /** 1 if omitted: only the first factor of a product may have others. */
  readonly column?: number;
}

/** The floats that so many rows and columns of an operand reach over. */
export function placeOf({ array, from, row, column = 1 }: Operand, rows: number, columns: number): Place {
  const isWithin = [row, column].every((stride) => Number.isSafeInteger(stride) && stride >= 0);
  if (!isWithin) throw new RangeError(`strides must be whole numbers, got ${row} and ${column}`);
  const isEmpty = rows === 0 || columns === 0;
  return { array, from, count: isEmpty ? 0 : (rows - 1) * row + (columns - 1) * column + 1 };
}

/** An operand whose columns are side by side. */
export function packed(operand: Operand): Operand {
  if ((operand.column ?? 1) !== 1)
    throw new RangeError("columns must be side by side but in the first factor");
  return operand;
}

/** Refuses sizes that are no whole numbers. */
export function whole(sizes: Readonly<Record<string, number>>): void {
  for (const [name, size] of Object.entries(sizes)) {
    if (!(Number.isSafeInteger(size) && size >= 0)) {
      throw new RangeError(`${name} must be a whole number, got ${size}`);
    }
  }
}

export function bytesOf(floats: number): bigint {
  return BigInt(floats * FLOAT_BYTES);
}

export function bitsOf(value: number): bigint {
  return BigInt(floatBits(value));
}

/** Words in the order of a layout. */
export function wordsIn<Name extends string>(
  layout: Readonly<Record<Name, number>>,
  values: Readonly<Record<Name, Word>>,
): Word[] {
  const words: Word[] = [];
  for (const name in layout) words[layout[name] / 8] = values[name];
  return words;
}
