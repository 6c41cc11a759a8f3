import { FLOAT_BYTES } from "../../../core/shape.ts";
import type { BlockQueue } from "../products/block-queue.ts";
import type { PlannedProduct } from "../products/operations.ts";
import type { ChainMatrix } from "./matrices.ts";

/** What carries out one step of a chain, for all heads. */
export interface ChainPart {
  run(): void;
  /** Operations, and bytes of q, k, v, out and weights that it reads and writes. */
  readonly flops: number;
  readonly bytes: number;
  /** Bytes that it holds besides the matrices of the chain. */
  readonly workspaceBytes: number;
  close(): void;
}

/** A queue as a part. */
export function queuePart(queue: BlockQueue, flops: number, bytes: number): ChainPart {
  return {
    run: () => queue.run(),
    flops,
    bytes,
    workspaceBytes: queue.bytes,
    close: () => queue.close(),
  };
}

/** Little that is done here. */
export function ownPart(run: () => void): ChainPart {
  return { run, flops: 0, bytes: 0, workspaceBytes: 0, close: () => {} };
}

/** Bytes of matrices that are given, each read so often for so many heads. */
export function givenBytes(
  heads: number,
  touched: readonly (readonly [ChainMatrix, times: number])[],
): number {
  return touched.reduce(
    (sum, [{ home, rows, columns }, times]) =>
      sum + (home === "own" ? 0 : heads * times * rows * columns * FLOAT_BYTES),
    0,
  );
}

/** The operations of a product. */
export function productFlops({ rows, columns, inner }: PlannedProduct): number {
  return 2 * rows * columns * inner;
}

/** A product cut by rows, so that threads share it. */
export function cutRows(product: PlannedProduct, together: number): PlannedProduct[] {
  const { a, c, rows } = product;
  return Array.from({ length: Math.ceil(rows / together) }, (_, at) => {
    const first = at * together;
    return {
      ...product,
      a: { ...a, from: a.from + first * a.row },
      c: { ...c, from: c.from + first * c.row },
      rows: Math.min(together, rows - first),
    };
  });
}
