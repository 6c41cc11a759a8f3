import type { Numbers } from "../../../core/tensors.ts";

/** Numbers, and how far float32 roundings of what goes into each may move it. */
export interface Uncertain {
  readonly values: Float64Array;
  readonly moved: Float64Array;
  /** The sum of its terms before anything cancels, where that is asked for. */
  readonly sizes: Float64Array;
}

/** The same without sizes. */
export type Made = Pick<Uncertain, "values" | "moved">;

/** The sizes of some numbers in the place of how far they may be off: what carries the one on carries the other. */
export function sizesOf({ values, sizes }: Uncertain): Made {
  return { values: new Float64Array(values.length), moved: sizes };
}

/** Numbers that are 0 as yet. */
export function uncertain(count: number): Uncertain {
  return {
    values: new Float64Array(count),
    moved: new Float64Array(count),
    sizes: new Float64Array(count),
  };
}

/** The derivatives of a pair's weight: `factor · ofQuery` and `factor · ofKey`, `[width]`. */
export interface PairSlope {
  factor: number;
  /** The factor's terms before anything cancels, and how far roundings may move it. */
  size: number;
  moved: number;
  ofQuery: Made;
  ofKey: Made;
}

/**
 * The derivatives of the weights of one head of k, of what rows of q and k are made into, and from there to the rows and to
 * what the layer learned. Of weights that are logarithms, the derivatives of those.
 */
export interface Slopes {
  /** Numbers that a row is made into. */
  readonly width: number;
  /** Takes in the query at `at` of q and this position, as the `index`-th. */
  query(index: number, at: number, position: number): void;
  /** Takes in the key at `at` of k and this position. */
  key(at: number, position: number): void;
  /** That of the last key and the `index`-th query, whose weight or its logarithm is given. The same object every time. */
  pair(index: number, weight: number): PairSlope;
  /** Takes the gradient of what a row was made into back to the row, `[headDim]`, which begins at `at` of `from`. */
  back(of: Made, from: Numbers, at: number, isKey: boolean): Made;
  /** Adds the same for what the layer learned, `[rows, headDim]`; null if nothing of it has a gradient. */
  readonly learn: ((of: Made, from: Numbers, at: number, to: Made) => void) | null;
}
