import { UsageError } from "./errors.ts";

/**
 * The shape of one attention call. Tensors q, k, v and out are `[batch, heads, length, headDim]`, row-major.
 */
export interface Shape {
  readonly batch: number;
  readonly heads: number;
  /** Tokens, written N. Queries and keys are the same tokens. */
  readonly length: number;
  /** Width of one head, written d. Values have the same width. */
  readonly headDim: number;
}

/** float32 bytes. */
export const FLOAT_BYTES = 4;

/** The most elements one tensor may have: as many float32 as fit into 4 GiB. */
export const MAX_ELEMENTS = 2 ** 30;

/** Elements of one tensor of this shape. */
export function elementCount({ batch, heads, length, headDim }: Shape): number {
  return batch * heads * length * headDim;
}

/** Index of the first element of row `(batch, head, row)`. */
export function rowOffset(shape: Shape, batch: number, head: number, row: number): number {
  return ((batch * shape.heads + head) * shape.length + row) * shape.headDim;
}

/** Refuses a shape with a dimension that is not a positive integer, or with too many elements to address. */
export function checkShape(shape: Shape): Shape {
  for (const [name, value] of Object.entries(shape)) {
    if (!(Number.isInteger(value) && value >= 1)) {
      throw new UsageError(`shape: ${name} must be a positive integer, got ${value}`);
    }
  }
  if (!(elementCount(shape) <= MAX_ELEMENTS)) {
    throw new UsageError(
      `shape: batch × heads × length × head dimension must be at most ${MAX_ELEMENTS} elements, got ` +
        `${formatShape(shape)} = ${elementCount(shape)}; ask for a shorter length or fewer heads`,
    );
  }
  return shape;
}

/** `[batch, heads, length, headDim]` for messages. */
export function formatShape({ batch, heads, length, headDim }: Shape): string {
  return `[${batch}, ${heads}, ${length}, ${headDim}]`;
}
