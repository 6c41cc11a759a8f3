import type { Mechanism } from "../../core/mechanism.ts";
import type { Parameters, ValuesOf } from "../../core/parameters.ts";
import type { Task } from "../../core/problem.ts";
import type { QKV, Shape, TensorName } from "../../core/shape.ts";
import { type Declaration, declareVariant, type Variant } from "../../core/variant.ts";
import { type AddedPositions, squareSide } from "./positions.ts";

/**
 * A layer around the heads of a variant (Vaswani et al. 2017, arXiv 1706.03762, sec. 3.2.2): `Q = X W^q`, `K = Y W^k`,
 * `V = Z W^v`, heads that each compute `inner` of their columns, and `Concat(head_1 … head_H) W^O`. Its calls have one
 * head as wide as a token, D: X is their q `[batch, 1, queries, D]`, Y and Z are their k and v `[batch, 1, length, D]`,
 * which are the same numbers in self-attention.
 */
export interface Layer extends Mechanism {
  readonly kind: "layer";
  /** What each head computes. */
  readonly inner: Mechanism;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: Width;
  readonly valueDim: Width;
  /** What the heads are given. */
  readonly made: Readonly<Record<(typeof QKV)[number], MadeFrom>>;
  /** Whether something is added to each product with weights. */
  readonly biases: boolean;
  readonly positions: LayerPositions;
  /** Keys and values are the largest numbers of squares of 2 × 2 pixels; null if they are those of every token. */
  readonly pool: Pool | null;
  /** Whether the output is `X + γ · that`, γ being learned: then D and the output's width are one. */
  readonly residual: boolean;
  /** The seed of weights; that of the run if omitted. */
  readonly seed?: number;
  /** The random stream of W^O, where it has the numbers of another layer's weights; `layer/wo` if omitted. */
  readonly outputStream?: string;
  /** Why its heads cannot have the positions that were asked for; omitted if they can. */
  readonly whyNot?: string;
}

/** A number, or a part of a token's width: D over this. `widthsOf` gives either. */
export type Width = number | { readonly tokenOver: number };

/**
 * `product`: tokens times weights. `tokens`: themselves, which are then as wide as all heads together.
 * `zeros`: nothing reads it, or it is 0.
 */
export type MadeFrom = "product" | "tokens" | "zeros";

/** What is added to tokens before they are multiplied, and whether values have it too. */
export interface LayerPositions {
  readonly queries: AddedPositions | null;
  readonly keys: AddedPositions | null;
  readonly onValues: boolean;
}

/** An image in raster order, whose last row and column are left out where they are odd. */
export interface Pool {
  /** Pixels in a row; the root of the number of tokens, rounded, if null. `rowOf` gives either. */
  readonly width: number | null;
}

/** What a variant says of a layer: the rest is as in Vaswani's, heads that all have keys and values of their own. */
type Declared = Pick<Layer, "inner" | "heads" | "headDim" | "valueDim"> &
  Partial<Omit<Layer, "kind" | "whyNot">>;

/** Declares a variant that is a layer by itself, with weights of its own. */
export function layer<const P extends Parameters>(
  declaration: Declaration<P> & { layer: (values: ValuesOf<P>) => Declared },
): Variant {
  return declareVariant(declaration, (values): Layer => {
    const declared = declaration.layer(values);
    return {
      kind: "layer",
      kvHeads: declared.heads,
      made: { q: "product", k: "product", v: "product" },
      biases: false,
      positions: NO_POSITIONS,
      pool: null,
      residual: false,
      ...declared,
    };
  });
}

/** No positions. */
export const NO_POSITIONS: LayerPositions = { queries: null, keys: null, onValues: true };

/** Whether a mechanism is a layer. */
export function isLayer(mechanism: Mechanism): mechanism is Layer {
  return mechanism.kind === "layer";
}

/** Pixels in a row of an image that is pooled. */
export function rowOf({ width }: Pool, length: number): number {
  return width ?? squareSide(length);
}

/** Keys and values that the heads have, of so many tokens. */
export function keysOf({ pool }: Pick<Layer, "pool">, length: number): number {
  if (pool === null) return length;
  const width = rowOf(pool, length);
  return Math.floor(width / 2) * Math.floor(Math.floor(length / width) / 2);
}

/** How wide its heads are where a token is `modelDim` wide. */
function widthsOf(
  { headDim, valueDim }: Pick<Layer, "headDim" | "valueDim">,
  modelDim: number,
): { readonly headDim: number; readonly valueDim: number } {
  const wide = (width: Width) => (typeof width === "number" ? width : modelDim / width.tokenOver);
  return { headDim: wide(headDim), valueDim: wide(valueDim) };
}

/** The shape that the heads have together, in a call of the layer. */
export function shapeOfHeads(layer: Layer, { batch, length, queries, headDim: modelDim }: Shape): Shape {
  const { heads, kvHeads } = layer;
  return { batch, heads, kvHeads, length: keysOf(layer, length), queries, ...widthsOf(layer, modelDim) };
}

export { LAYER_WEIGHTS } from "../../core/layer-names.ts";

/** What the heads of a layer are asked to do. */
export function taskOfHeads({ mechanism, shape, ...task }: Task<Layer>): Task {
  return { ...task, mechanism: mechanism.inner, shape: shapeOfHeads(mechanism, shape) };
}

/** The names of the tables of positions, `[queries, D]` and `[length, D]`. */
export const LAYER_POSITIONS = { queries: "layer.query_positions", keys: "layer.key_positions" } as const;

/** The name of γ, `[1, 1]`. */
export const LAYER_GAMMA = "layer.gamma";

/** The table of positions that is added to what q, k or v is made of; null if none is. */
export function positionsOf(
  { positions: { queries, keys, onValues } }: Layer,
  name: (typeof QKV)[number],
): string | null {
  if (name === "q") return queries === null ? null : LAYER_POSITIONS.queries;
  return keys === null || (name === "v" && !onValues) ? null : LAYER_POSITIONS.keys;
}

/** Columns of the products that q, k, v are made of, and of what the output is made of. */
export function widthOf(layer: Layer, name: TensorName, { headDim: modelDim }: Shape): number {
  const { heads, kvHeads } = layer;
  const { headDim, valueDim } = widthsOf(layer, modelDim);
  switch (name) {
    case "q":
      return heads * headDim;
    case "k":
      return kvHeads * headDim;
    case "v":
      return kvHeads * valueDim;
    case "output":
      return heads * valueDim;
    default:
      return name satisfies never;
  }
}
