import {
  type Assembler,
  at,
  type Gpr,
  type Mask,
  mask,
  r8,
  r9,
  r10,
  r11,
  r12,
  r13,
  r14,
  r15,
  rax,
  rbp,
  rbx,
  rcx,
  rdi,
  rdx,
  rsi,
  type Zmm,
  zmm,
} from "../assembler/index.ts";
import { countDown } from "../code/frame.ts";
import { CALL, LANE, ROW, TILE, VECTOR } from "./layout.ts";

/** A tile of so many keys by so many vectors of queries. */
export interface Tile {
  readonly keys: number;
  readonly vectors: number;
}

/** Where the number of a key and a vector of queries is. */
export function accumulator({ vectors }: Tile, key: number, vector: number): Zmm {
  return zmm(key * vectors + vector);
}

/** Every accumulator of a tile. */
export function accumulators(
  tile: Tile,
): { readonly key: number; readonly vector: number; readonly x: Zmm }[] {
  return Array.from({ length: tile.keys * tile.vectors }, (_, index) => {
    const [key, vector] = [Math.floor(index / tile.vectors), index % tile.vectors];
    return { key, vector, x: accumulator(tile, key, vector) };
  });
}

/** The first register behind the accumulators of the largest tile. */
export const FREE = TILE.keys * TILE.vectors;

/** A register for the address of each key. */
const KEY_ROWS: readonly Gpr[] = [r8, r9, r10, r11, r12, r13, r14, r15];

/** What a tile multiplies, as places in the lane but for `width`, which is in the call. */
export interface TileProduct {
  /** Addresses of the rows of keys. */
  readonly rows: number;
  /** Columns of the queries. */
  readonly columns: number;
  readonly width: number;
  /** What each query's sums begin with. */
  readonly begins: number;
}

/** Queries with keys. */
const SCORES: TileProduct = {
  rows: LANE.keyRows,
  columns: LANE.queries,
  width: CALL.channels,
  begins: LANE.base,
};

/** Channels in one turn of the loop of a whole tile. */
const UNROLLED = 4;

/**
 * Sᵀ[key][query] = base[query] + Σ_c K[key][c] · Qᵀ[c][query]. A key's channel is one number for all lanes, so keys
 * are read where they lie; a vector of queries serves all keys of the tile. rdx is 8 times the first key of the
 * block, and stays. `begun` is written before the products, and leaves r8 to r15.
 */
export function scoreTile(a: Assembler, tile: Tile, begun: () => void): void {
  a.note(`scores of ${tile.keys} keys and ${16 * tile.vectors} queries`);
  multiplyTile(a, tile, SCORES, begun);
}

/** Xᵀ[key][query] = begins[query] + Σ_c Row[key][c] · Column[c][query], as `scoreTile` does with keys and queries. */
export function multiplyTile(
  a: Assembler,
  tile: Tile,
  { rows, columns, width, begins }: TileProduct,
  begun: () => void,
): void {
  for (let key = 0; key < tile.keys; key++) a.mov(KEY_ROWS[key], at(rbp, rows + 8 * key, rdx));
  for (let vector = 0; vector < tile.vectors; vector++) {
    a.vmovups(accumulator(tile, 0, vector), at(rbp, begins + VECTOR * vector));
  }
  for (const { key, vector, x } of accumulators(tile)) {
    if (key > 0) a.vmovups(x, accumulator(tile, 0, vector));
  }
  begun();
  a.xor(rcx, rcx);
  a.lea(rsi, at(rbp, columns));
  a.mov(rbx, at(rdi, width));
  const channels = (count: number): void => {
    for (let channel = 0; channel < count; channel++) addChannel(a, tile, channel);
    a.lea(rcx, at(rcx, 4 * count));
    a.lea(rsi, at(rsi, ROW * count));
  };
  if (tile.keys === TILE.keys) countDown(a, rbx, UNROLLED, () => channels(UNROLLED));
  countDown(a, rbx, 1, () => channels(1));
}

function addChannel(a: Assembler, tile: Tile, channel: number): void {
  const queries = (vector: number): Zmm => zmm(FREE + vector);
  for (let vector = 0; vector < tile.vectors; vector++) {
    a.vmovups(queries(vector), at(rsi, ROW * channel + VECTOR * vector));
  }
  for (let key = 0; key < tile.keys; key++) {
    // Two registers in turn. A broadcast within the multiplication would need a load for each vector.
    const number = zmm(FREE + tile.vectors + (key % 2));
    a.vbroadcastss(number, at(KEY_ROWS[key], 4 * channel, rcx));
    for (let vector = 0; vector < tile.vectors; vector++) {
      a.vfmadd231ps(accumulator(tile, key, vector), queries(vector), number);
    }
  }
}

/** Where the weights of the tile's first key belong: 24 times rdx, since a row of weights is 24 words. */
export function weightsAddress(a: Assembler, to: Gpr): void {
  a.lea(to, at(rdx, 0, rdx, 2));
  a.shl(to, 3);
  a.lea(to, at(rbp, LANE.weights, to));
}

/** Masks of the vectors of a tile. */
export function maskOf(vector: number): Mask {
  return mask(1 + vector);
}

/** Scores of pairs that are not attended become −∞: rax is where the mask of the block's first key is. */
export function maskTile(a: Assembler, tile: Tile): void {
  a.note("pairs that are not attended");
  const nothing = zmm(FREE + 7);
  a.vbroadcastss(nothing, a.constant(Number.NEGATIVE_INFINITY));
  a.add(rax, rdx);
  for (const { key, vector, x } of accumulators(tile)) {
    a.kmovwLoad(maskOf(vector), at(rax, 8 * key + 2 * vector));
    a.vblendmps(x, nothing, x, { mask: maskOf(vector) });
  }
}
