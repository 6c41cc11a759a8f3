import { floatBits } from "../assembler/index.ts";

/** What a product is given: places in a block of 64-bit words, in bytes. Strides are in bytes. */
export const PRODUCT = {
  a: 0,
  aRow: 8,
  aStep: 16,
  b: 24,
  bRow: 32,
  c: 40,
  cRow: 48,
  rows: 56,
  columns: 64,
  inner: 72,
  /** 1 adds to what C holds, 0 replaces it. */
  add: 80,
  /** A float32 in the lower half. */
  scale: 88,
} as const;

/** Bytes of such a block. */
export const PRODUCT_BYTES = 96;

/** C = scale·A·B, or C += scale·A·B; addresses and strides are in bytes. */
export interface Product {
  readonly a: bigint;
  /** From a row of A to the next. */
  readonly aRow: number;
  /** From a column of A to the next. */
  readonly aStep: number;
  readonly b: bigint;
  readonly bRow: number;
  readonly c: bigint;
  readonly cRow: number;
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
  /** Replaces if omitted. */
  readonly add?: boolean;
  /** 1 if omitted. */
  readonly scale?: number;
}

/** Writes a block from word `from` on. Whoever makes the addresses has checked that all rows lie in memory. */
export function fillProduct(words: BigInt64Array, from: number, product: Product): void {
  const { a, b, c, add = false, scale = 1 } = product;
  const { aRow, aStep, bRow, cRow, rows, columns, inner } = product;
  if (Math.min(rows, columns, inner) < 0) throw new RangeError("a product must have sizes of at least 0");
  const filled: Readonly<Record<keyof typeof PRODUCT, bigint | number>> = {
    ...{ a, aRow, aStep, b, bRow, c, cRow, rows, columns, inner },
    add: add ? 1 : 0,
    scale: floatBits(scale),
  };
  for (const [name, value] of Object.entries(filled)) {
    words[from + PRODUCT[name as keyof typeof PRODUCT] / 8] = BigInt(value);
  }
}
