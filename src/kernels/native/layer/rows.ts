import { type Layout, offsetIn } from "../../../core/shape.ts";
import type { Operand } from "../products/operations.ts";

/** A tensor on one side of a step: whole tokens are one head. */
export interface Side {
  readonly array: Float32Array;
  readonly layout: Layout;
}

/** Rows of one batch entry that are computed together. */
export interface RowBlock {
  readonly entry: number;
  readonly first: number;
  readonly rows: number;
}

/** Rows of an item: with a token of 1024 numbers they stay beside the core, and so do the weights that they meet. */
const TOGETHER = 96;

/** Rows of all entries, as threads share them. */
export function rowBlocks({ batch, rows }: Layout): RowBlock[] {
  const perEntry = Math.ceil(rows / TOGETHER);
  return Array.from({ length: batch * perEntry }, (_, at) => {
    const first = (at % perEntry) * TOGETHER;
    return { entry: Math.floor(at / perEntry), first, rows: Math.min(TOGETHER, rows - first) };
  });
}

/** These rows of one head. */
export function rowsOf({ array, layout }: Side, { entry, first }: RowBlock, head: number): Operand {
  return { array, from: offsetIn(layout, entry, head, first), row: layout.width };
}
