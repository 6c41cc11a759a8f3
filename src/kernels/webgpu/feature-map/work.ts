import type { Shape } from "../../../core/shape.ts";
import { TILE } from "../wgsl/tile-product.ts";
import type { CallSizes } from "./call-uniform.ts";
import { rowTiles } from "./segments.ts";
import type { FeatureShaders } from "./shaders.ts";

/**
 * Operations of a call with whole tiles counted, and the features' totals as the column that they are:
 * products of the preparation, sums of segments, reads of states, and pairs up to the diagonal. What features
 * are made of otherwise is not counted.
 */
export function featureFlops(
  { map, state, causal, blocks }: FeatureShaders,
  { batch, heads, kvHeads, length, queries, headDim }: Shape,
  { segment, summed }: CallSizes,
): number {
  const terms = (count: number): number => Math.ceil(count / TILE.terms) * TILE.terms;
  const tiles = (count: number): number => Math.ceil(count / TILE.rows);
  const columns = TILE.columns * blocks * Math.ceil(state.columnBlocks / blocks);
  const features = map.blocks * TILE.rows;
  const made = terms(4 * map.quads);
  const sums = batch * kvHeads * summed * 2 * terms(Math.min(segment, length)) * features;
  let flops = sums * (TILE.columns * state.columnBlocks + 1);
  if (map.preparation !== null && map.preparation.form !== "softmaxes") {
    const rows = TILE.rows * (heads * tiles(queries) + kvHeads * tiles(length));
    flops += batch * rows * 2 * TILE.columns * tiles(map.preparation.rows) * terms(headDim);
  }
  const rows = batch * heads * TILE.rows;
  const groups = Math.ceil(state.columnBlocks / blocks);
  const all = rowTiles(length, queries, causal);
  const read = causal ? Math.min(all, tiles(length)) : all;
  flops += rows * read * 2 * made * (columns + groups);
  if (!causal) return flops;
  for (let tile = tiles(length) - read; tile < tiles(length); tile++) {
    const keys = TILE.rows * ((tile % (segment / TILE.rows)) + 1);
    flops += rows * keys * 2 * (groups * (made + 1) + columns);
  }
  return flops;
}
