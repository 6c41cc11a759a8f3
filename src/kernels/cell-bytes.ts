import { elementCount, FLOAT_BYTES, type Shape } from "../core/shape.ts";
import { type Cell, READS } from "../mechanisms/cell/declare.ts";

/** Bytes of a pass that reads once what a cell reads of q, k and v, and writes the output. */
export function leastBytes({ cell }: Cell, shape: Shape): number {
  return FLOAT_BYTES * (READS[cell].length + 1) * elementCount(shape);
}
