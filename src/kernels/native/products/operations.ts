import { r12 } from "../assembler/index.ts";
import type { Ffi } from "../call/ffi.ts";
import { Program } from "../call/program.ts";
import { PRODUCT, PRODUCT_BYTES } from "./block.ts";
import { BlockQueue, eachBlock, type Sequence, type Word } from "./block-queue.ts";
import { callProduct, writeProduct } from "./product.ts";
import { ROWS_SUM, ROWS_SUM_BYTES, writeSumRows } from "./sum-rows.ts";
import { bitsOf, bytesOf, type Operand, packed, placeOf, whole, wordsIn } from "./words.ts";

/** Machine code of products and sums of rows of any number of heads. */
export const PRODUCTS = new Program("products", (a) => {
  eachBlock(a, "multiply", PRODUCT_BYTES, () => callProduct(a, r12));
  eachBlock(a, "sumRows", ROWS_SUM_BYTES, () => writeSumRows(a));
  writeProduct(a);
});

export type { Operand } from "./words.ts";

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

/** Sums of rows in sequences, in the same way. */
export function sumRows(sequences: readonly (readonly PlannedSum[])[], means: Means): BlockQueue {
  const of = { program: PRODUCTS, entry: "sumRows", blockBytes: ROWS_SUM_BYTES };
  return new BlockQueue(
    of,
    sequences.map((all): Sequence => all.map(wordsOfSum)),
    means,
  );
}

/** Each as a sequence of its own. */
export function inTurn<Planned>(all: readonly Planned[]): readonly (readonly Planned[])[] {
  return all.map((one) => [one]);
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
