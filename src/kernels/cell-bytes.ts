import { elementCount, FLOAT_BYTES, type Shape } from "../core/shape.ts";
import { type Cell, GATES, READS } from "../mechanisms/cell/declare.ts";

/** Bytes of a pass that reads once what a cell reads, weights of all heads included, and writes the output. */
export function leastBytes({ cell }: Cell, shape: Shape): number {
  const weights = 2 * GATES[cell] * shape.heads * shape.headDim ** 2;
  return FLOAT_BYTES * ((READS[cell].length + 1) * elementCount(shape) + weights);
}
