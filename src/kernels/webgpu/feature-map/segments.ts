import { FLOAT_BYTES, type Shape } from "../../../core/shape.ts";
import { TILE } from "../wgsl/tile-product.ts";
import type { CallSizes } from "./call-uniform.ts";
import type { MapPlan } from "./plan.ts";
import type { StateLayout } from "./state-layout.ts";

/** Tokens of a segment where a call is not causal: a long sum, of which there are enough for every core of a device. */
const WHOLE_SEGMENT = 512;
/**
 * Tiles of a causal segment: one, which multiplies the fewest pairs, and two where states of more than so
 * many blocks of features would take much memory. With exponents a segment is always one tile, because its
 * keys share them.
 */
const MANY_BLOCKS = 4;

/** Cuts the keys into segments, which are longer where their states would not fit one binding of so many bytes. */
export function segmentsOf(
  { batch, kvHeads, length }: Pick<Shape, "batch" | "kvHeads" | "length">,
  { scaled, blocks }: Pick<MapPlan, "scaled" | "blocks">,
  { quads }: StateLayout,
  causal: boolean,
  most: number,
): Pick<CallSizes, "segment" | "segments" | "summed"> {
  const tiles = blocks > MANY_BLOCKS && !scaled ? 2 : 1;
  const usual = causal ? TILE.rows * tiles : WHOLE_SEGMENT;
  const fitting = Math.floor(most / (4 * FLOAT_BYTES * batch * kvHeads * quads));
  const least = Math.ceil(length / Math.max(1, fitting));
  const segment = scaled && causal ? usual : Math.max(usual, Math.ceil(least / TILE.rows) * TILE.rows);
  const segments = Math.ceil(length / segment);
  return { segment, segments, summed: causal && !scaled ? segments - 1 : segments };
}

/**
 * Tiles of 64 rows: in a causal call of 64 positions from a multiple of 64 on, from the first row's to the
 * last key's.
 */
export function rowTiles(length: number, queries: number, causal: boolean): number {
  if (!causal) return Math.ceil(queries / TILE.rows);
  return Math.ceil(length / TILE.rows) - Math.floor((length - queries) / TILE.rows);
}
