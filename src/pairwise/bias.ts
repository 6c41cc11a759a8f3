import type { LearnedTable } from "./learned-table.ts";
import type { Shifts } from "./shift-bias.ts";

/** What is added to the score of a pair, as data: any pattern takes any of them. */
export interface Bias {
  /** As it is written, such as `t5:32:128`. */
  readonly text: string;
  /** The learned numbers that it reads, one row per head; omitted if it reads none. */
  readonly table?: LearnedTable;
  /** The shifts at which its heads look, so that they are a convolution; omitted if they are not. */
  readonly shifts?: Shifts;
  /**
   * Where a token lies on the line along which distances count, an integer; omitted if that is its own number.
   */
  place?(token: number): number;
  bind(context: BiasContext): BoundBias;
}

/** What a bias is bound to: one head of a call. */
export interface BiasContext {
  readonly head: number;
  /** Heads of q, which slopes depend on. */
  readonly heads: number;
  readonly causal: boolean;
  /** The head's row of the table, if there is one. */
  readonly table: ArrayLike<number>;
}

/**
 * The bias of one head, said twice as a pattern is: `at` is the definition and the only thing the reference
 * reads; kernels read `of` and the bias's `place`. Property tests check that they agree.
 */
export interface BoundBias {
  /** What is added to the score of a query and a key; both count as keys do, so that the last query is the last key. */
  at(query: number, key: number): number;
  /** What is added if the key's place less the query's is `distance`. */
  of(distance: number): number;
}
