/** What a kernel of this family is prepared with, besides its problem. */
export interface Means {
  /** Where it writes, `[batch, heads, queries, valueDim]`. */
  readonly output: Float32Array;
}
