import { FLOAT_BYTES } from "../../../core/shape.ts";

/** What a gradient needs of a forward pass over chosen keys, besides its choice, in the memory of the call. */
export interface LeftOfSelection {
  /** Of each row its maximum and what its weights are multiplied by, `[batch, heads, queries, 2]`. */
  readonly sums?: Float32Array;
  /** Of NSA's softmaxes the same, `[batch, heads, 3, queries, 2]`, and their outputs, `[batch, heads, 3, queries, valueDim]`. */
  readonly branches?: { readonly sums: Float32Array; readonly outs: Float32Array };
}

/** Where the two numbers of each of `rows` rows begin, of one head among all. */
export function sumsOf(sums: Float32Array, rows: number, slice: number): number {
  return sums.byteOffset + slice * 2 * rows * FLOAT_BYTES;
}
