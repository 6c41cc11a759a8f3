/** Steps on blocks of consecutive rows; the last block may have fewer. */

/**
 * Logarithms of a matrix whose rows, and about whose columns, sum to 1: `scale·queries_u·keys_v`, of which `iterations`
 * times first each column and then each row has its `ln Σ exp` taken away. Sinkhorn 1964, doi 10.1214/aoms/1177703591.
 */
export interface Balance {
  readonly step: "balance";
  readonly to: string;
  readonly queries: string;
  readonly keys: string;
  readonly scale: number;
  readonly iterations: number;
}

/**
 * Blocks of `size` rows of `of`, mixed, one block after another: row p of block u is `Σ_v w_v x_v`, x_v being row p of
 * block v, over the blocks that have a row p, and w the softmax of `logs_uv` over those. All mixed blocks have `size`
 * rows.
 */
export interface MixBlocks {
  readonly step: "mix-blocks";
  readonly to: string;
  readonly logs: string;
  readonly of: string;
  readonly size: number;
}

/**
 * Attention within blocks of `size` rows: a query of block u attends the rows of block u of both keys, under one softmax of
 * `scale·query·key`.
 */
export interface AttendBlocks {
  readonly step: "attend-blocks";
  readonly to: string;
  readonly queries: string;
  readonly keys: readonly [string, string];
  readonly values: readonly [string, string];
  readonly size: number;
  readonly scale: number;
}
