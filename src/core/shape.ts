import { UsageError } from "./errors.ts";

/**
 * The shape of one attention call. Tensors are row-major: q `[batch, heads, queries, headDim]`, k `[batch,
 * kvHeads, length, headDim]`, v `[batch, kvHeads, length, valueDim]`, and the output `[batch, heads, queries,
 * valueDim]`. `shapeOf` makes one.
 */
export interface Shape {
  readonly batch: number;
  /** Heads of q and of the output. */
  readonly heads: number;
  /** Heads of k and v, a divisor of `heads`: consecutive heads of q share one. */
  readonly kvHeads: number;
  /** Tokens, written N: those of k and v. */
  readonly length: number;
  /**
   * Rows of q and of the output, written M; N unless queries and keys are different tokens. The last query
   * stands at the last key: query i sees the keys up to i + N - M if the call is causal.
   */
  readonly queries: number;
  /** Width of one head of q and k, written d. */
  readonly headDim: number;
  /** Width of one head of v and of the output. */
  readonly valueDim: number;
}

/** A shape of which the rest may be as usual: as many heads of k and v as of q, queries as keys, one width. */
export interface UsualShape extends Pick<Shape, "batch" | "heads" | "length" | "headDim"> {
  readonly kvHeads?: number | undefined;
  readonly queries?: number | undefined;
  readonly valueDim?: number | undefined;
}

/** Completes a shape. */
export function shapeOf({
  batch,
  heads,
  length,
  headDim,
  kvHeads = heads,
  queries = length,
  valueDim = headDim,
}: UsualShape): Shape {
  return { batch, heads, kvHeads, length, queries, headDim, valueDim };
}

/** The same shape over other tokens, whose queries and keys are the same. */
export function overTokens(shape: Shape, length: number): Shape {
  return { ...shape, length, queries: length };
}

/** float32 bytes. */
export const FLOAT_BYTES = 4;

/** The most elements one tensor may have: as many float32 as fit into 4 GiB. */
export const MAX_ELEMENTS = 2 ** 30;

/** How one tensor of a call lies in memory: `[batch, heads, rows, width]`, row-major. */
export interface Layout {
  readonly batch: number;
  readonly heads: number;
  readonly rows: number;
  readonly width: number;
}

/** The tensors of a call. */
export type TensorName = "q" | "k" | "v" | "output";

/** The inputs of every call. */
export const QKV = ["q", "k", "v"] as const;

/** The tensors of every call: its inputs, and the output. */
export const TENSORS = [...QKV, "output"] as const;

/** How a tensor of a shape lies in memory. */
export function layoutOf(shape: Shape, name: TensorName): Layout {
  const { batch, heads, kvHeads, length, queries, headDim, valueDim } = shape;
  switch (name) {
    case "q":
      return { batch, heads, rows: queries, width: headDim };
    case "k":
      return { batch, heads: kvHeads, rows: length, width: headDim };
    case "v":
      return { batch, heads: kvHeads, rows: length, width: valueDim };
    case "output":
      return { batch, heads, rows: queries, width: valueDim };
    default:
      return name satisfies never;
  }
}

/** Elements of a tensor. */
export function countOf({ batch, heads, rows, width }: Layout): number {
  return batch * heads * rows * width;
}

/** Index of the first element of row `(batch, head, row)` of a tensor, by its own heads. */
export function offsetIn({ heads, rows, width }: Layout, batch: number, head: number, row: number): number {
  return ((batch * heads + head) * rows + row) * width;
}

/** The head of k and v that a head of q reads (Ainslie et al. 2023, arXiv 2305.13245). */
export function kvHeadOf({ heads, kvHeads }: Shape, head: number): number {
  return Math.floor((head * kvHeads) / heads);
}

/** Whether queries and keys are the same tokens. */
export function isSelfAttention({ length, queries }: Pick<Shape, "length" | "queries">): boolean {
  return length === queries;
}

/** The same shape over other keys: queries that are other tokens all remain. */
export function withLength(shape: Shape, length: number): Shape {
  return isSelfAttention(shape) ? overTokens(shape, length) : { ...shape, length };
}

/** float32 bytes of q, k, v and the output together. */
export function callBytes(shape: Shape): number {
  return FLOAT_BYTES * TENSORS.reduce((sum, name) => sum + elementCount(shape, name), 0);
}

/** Rows of q that see a key: all, unless the call is causal and some stand before the first key. */
export function seeingRows({ length, queries }: Shape, causal: boolean): number {
  return causal ? Math.min(length, queries) : queries;
}

/** The same bytes without queries that see no key, which nobody has to read. */
export function seenBytes(shape: Shape, causal: boolean): number {
  const { batch, heads, queries, headDim } = shape;
  const unread = batch * heads * (queries - seeingRows(shape, causal)) * headDim;
  return callBytes(shape) - FLOAT_BYTES * unread;
}

/** Elements of a tensor of this shape: of q if none is named. */
export function elementCount(shape: Shape, name: TensorName = "q"): number {
  return countOf(layoutOf(shape, name));
}

/** Index of the first element of row `(batch, head, row)` of q; for the others, `offsetIn` of their layout. */
export function rowOffset(shape: Shape, batch: number, head: number, row: number): number {
  return offsetIn(layoutOf(shape, "q"), batch, head, row);
}

/** float32 bytes of k and v together. */
export function cacheBytes(shape: Shape): number {
  return FLOAT_BYTES * (elementCount(shape, "k") + elementCount(shape, "v"));
}

/** Refuses a shape with a dimension that is not a positive integer, or with too many elements to address. */
export function checkShape(shape: Shape): Shape {
  for (const [name, value] of Object.entries(shape)) {
    if (!(Number.isInteger(value) && value >= 1)) {
      throw new UsageError(`shape: ${name} must be a positive integer, got ${value}`);
    }
  }
  if (shape.heads % shape.kvHeads !== 0) {
    throw new UsageError(
      `shape: heads must be a multiple of the heads of k and v, got ${shape.heads} and ${shape.kvHeads}`,
    );
  }
  for (const name of TENSORS) {
    const count = elementCount(shape, name);
    if (count <= MAX_ELEMENTS) continue;
    throw new UsageError(
      `shape: batch × heads × length × head dimension must be at most ${MAX_ELEMENTS} elements, got ` +
        `${formatLayout(layoutOf(shape, name))} = ${count}; ask for a shorter length or fewer heads`,
    );
  }
  return shape;
}

/** `[batch, heads, rows, width]` for messages. */
function formatLayout({ batch, heads, rows, width }: Layout): string {
  return `[${batch}, ${heads}, ${rows}, ${width}]`;
}

/**
 * `[batch, heads, length, headDim]` for messages, followed by what differs from it: `[1, 8, 1024, 192] (2
 * heads of k and v, values 128 wide)`.
 */
export function formatShape(shape: Shape): string {
  const { batch, heads, kvHeads, length, queries, headDim, valueDim } = shape;
  const unlike = [
    ...(kvHeads === heads ? [] : [`${kvHeads} ${kvHeads === 1 ? "head" : "heads"} of k and v`]),
    ...(queries === length ? [] : [`${queries} ${queries === 1 ? "query" : "queries"}`]),
    ...(valueDim === headDim ? [] : [`values ${valueDim} wide`]),
  ];
  const usual = `[${batch}, ${heads}, ${length}, ${headDim}]`;
  return unlike.length === 0 ? usual : `${usual} (${unlike.join(", ")})`;
}

/** How a shape may differ from the usual, which has one number of heads, of tokens and one width. */
export type ShapeFreedom = "kvHeads" | "queries" | "valueDim";

/** All of them, for what takes any shape. */
export const ANY_SHAPE: readonly ShapeFreedom[] = ["kvHeads", "queries", "valueDim"];

/** Why something that allows for some freedoms does not take a shape; null if it does. */
export function whyNotShape(shape: Shape, allowed: readonly ShapeFreedom[] = []): string | null {
  const { heads, kvHeads, length, queries, headDim, valueDim } = shape;
  if (kvHeads !== heads && !allowed.includes("kvHeads")) {
    return `it takes as many heads of k and v as of q, got ${kvHeads} for ${heads}`;
  }
  if (queries !== length && !allowed.includes("queries")) {
    return `it takes as many queries as keys, got ${queries} for ${length}`;
  }
  if (valueDim !== headDim && !allowed.includes("valueDim")) {
    return `it takes values as wide as keys, got ${valueDim} for ${headDim}`;
  }
  return null;
}
