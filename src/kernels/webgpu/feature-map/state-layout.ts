import { TILE } from "../wgsl/tile-product.ts";

/**
 * How the state of a segment lies in memory, in quads: a row of v's columns for each feature, then the
 * features' totals.
 */
export interface StateLayout {
  /** Blocks of 64 columns of v. */
  readonly columnBlocks: number;
  /** Quads of one state. */
  readonly quads: number;
  /** Where the totals begin. */
  readonly totals: number;
}

/** Lays out the state of so many blocks of 64 features. */
export function stateLayout(blocks: number, valueDim: number): StateLayout {
  const columnBlocks = Math.ceil(valueDim / TILE.columns);
  const totals = blocks * TILE.rows * columnBlocks * TILE.quads;
  return { columnBlocks, quads: totals + blocks * TILE.quads, totals };
}

/** In WGSL: where the quad `column` of a feature's row is. */
export function stateIndex({ columnBlocks }: StateLayout, feature: string, column: string): string {
  return `(${feature} * ${columnBlocks * TILE.quads}u + ${column})`;
}
