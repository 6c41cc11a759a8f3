import { FLOAT_BYTES } from "../../../core/shape.ts";
import { floatBits, r12 } from "../assembler/index.ts";
import type { Ffi } from "../call/ffi.ts";
import { Program } from "../call/program.ts";
import { PRODUCT, PRODUCT_BYTES } from "./block.ts";
import { BlockQueue, eachBlock, type Place, type Sequence, type Word } from "./block-queue.ts";
import { callProduct, writeProduct } from "./product.ts";
import { ROWS_SUM, ROWS_SUM_BYTES, writeSumRows } from "./sum-rows.ts";

/** Machine code of products and sums of rows of any number of heads. */
export const PRODUCTS = new Program("products", (a) => {
  eachBlock(a, "multiply", PRODUCT_BYTES, () => callProduct(a, r12));
  eachBlock(a, "sumRows", ROWS_SUM_BYTES, () => writeSumRows(a));
  writeProduct(a);
});

/** A matrix in an array: its first element, and how many floats its rows, and its columns, are apart. */
export interface Operand {
  readonly array: Float32Array;
  readonly from: number;
  readonly row: number;
  /** 1 if omitted: only the first factor of a product may have others. */
  readonly column?: number;
}

/** C = scale·A·B, or C += scale·A·B. */
export interface PlannedProduct {
  readonly a: Operand;
  readonly b: Operand;
  readonly c: Operand;
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
  /** Replaces C if omitted. */
  readonly add?: boolean;
  /** 1 if omitted; a function is asked before each run. */
  readonly scale?: number | (() => number);
}

/** to = from + other, or to = from. */
export interface PlannedSum {
  readonly from: Operand;
  readonly other?: Operand;
  readonly to: Operand;
  readonly rows: number;
  readonly columns: number;
}

/** What runs either. */
export interface Means {
  readonly ffi: Ffi;
  readonly threads: number;
}

/** Products, in sequences whose products follow one another; threads share the sequences. */
export function multiply(sequences: readonly (readonly PlannedProduct[])[], means: Means): BlockQueue {
  const of = { program: PRODUCTS, entry: "multiply", blockBytes: PRODUCT_BYTES };
  return new BlockQueue(
    of,
    sequences.map((all): Sequence => all.map(wordsOfProduct)),
    means,
  );
}

/** Sums of rows, which threads share. */
export function sumRows(sums: readonly PlannedSum[], means: Means): BlockQueue {
  const of = { program: PRODUCTS, entry: "sumRows", blockBytes: ROWS_SUM_BYTES };
  return new BlockQueue(
    of,
    sums.map((sum) => [wordsOfSum(sum)]),
    means,
  );
}

function wordsOfProduct({ a, b, c, rows, columns, inner, add = false, scale = 1 }: PlannedProduct): Word[] {
  whole({ rows, columns, inner });
  return wordsIn(PRODUCT, {
    a: placeOf(a, rows, inner),
    aRow: bytesOf(a.row),
    aStep: bytesOf(a.column ?? 1),
    b: placeOf(packed(b), inner, columns),
    bRow: bytesOf(b.row),
    c: placeOf(packed(c), rows, columns),
    cRow: bytesOf(c.row),
    rows: BigInt(rows),
    columns: BigInt(columns),
    inner: BigInt(inner),
    add: add ? 1n : 0n,
    scale: typeof scale === "number" ? bitsOf(scale) : () => bitsOf(scale()),
  });
}

function wordsOfSum({ from, other, to, rows, columns }: PlannedSum): Word[] {
  whole({ rows, columns });
  return wordsIn(ROWS_SUM, {
    from: placeOf(packed(from), rows, columns),
    fromRow: bytesOf(from.row),
    other: other === undefined ? 0n : placeOf(packed(other), rows, columns),
    otherRow: other === undefined ? 0n : bytesOf(other.row),
    to: placeOf(packed(to), rows, columns),
    toRow: bytesOf(to.row),
    rows: BigInt(rows),
    columns: BigInt(columns),
  });
}

/** The floats that so many rows and columns of an operand reach over. */
function placeOf({ array, from, row, column = 1 }: Operand, rows: number, columns: number): Place {
  const isWithin = [row, column].every((stride) => Number.isSafeInteger(stride) && stride >= 0);
  if (!isWithin) throw new RangeError(`strides must be whole numbers, got ${row} and ${column}`);
  const isEmpty = rows === 0 || columns === 0;
  return { array, from, count: isEmpty ? 0 : (rows - 1) * row + (columns - 1) * column + 1 };
}

/** An operand whose columns are side by side. */
function packed(operand: Operand): Operand {
  if ((operand.column ?? 1) !== 1)
    throw new RangeError("columns must be side by side but in the first factor");
  return operand;
}

function whole(sizes: Readonly<Record<string, number>>): void {
  for (const [name, size] of Object.entries(sizes)) {
    if (!(Number.isSafeInteger(size) && size >= 0)) {
      throw new RangeError(`${name} must be a whole number, got ${size}`);
    }
  }
}

function bytesOf(floats: number): bigint {
  return BigInt(floats * FLOAT_BYTES);
}

function bitsOf(value: number): bigint {
  return BigInt(floatBits(value));
}

/** Words in the order of a layout. */
function wordsIn<Name extends string>(
  layout: Readonly<Record<Name, number>>,
  values: Readonly<Record<Name, Word>>,
): Word[] {
  const words: Word[] = [];
  for (const name in layout) words[layout[name] / 8] = values[name];
  return words;
}
