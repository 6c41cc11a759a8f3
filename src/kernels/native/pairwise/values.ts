import {
  type Assembler,
  at,
  number,
  r8,
  r9,
  r10,
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
import { FREE, maskOf } from "./scores.ts";

/** Keys in one turn of the loop, where columns are whole and no key is masked. */
const UNROLLED = 4;

/** What is summed over the keys of a block, as places in the lane but for `width`, which is in the call. */
export interface KeySum {
  /** Addresses of the rows of keys. */
  readonly rows: number;
  /** The number of each key and query. */
  readonly weights: number;
  readonly width: number;
}

/** Values by their weights. */
const VALUES: KeySum = { rows: LANE.valueRows, weights: LANE.weights, width: CALL.valueDim };

/**
 * Oᵀ[column][query] += Σ_key V[key][column] · Pᵀ[key][query] over the keys of a block, 8 columns at a time. The sum of
 * a block is formed by itself, so that a long one does not lose its last digits. With `masked` each key reaches the
 * queries that attend it alone: weights of 0 would spread what is not finite.
 */
export function addValues(a: Assembler, vectors: number, masked: boolean, of: KeySum = VALUES): void {
  a.lea(rsi, at(rbp, LANE.outputs));
  a.xor(rcx, rcx);
  a.mov(rbx, at(rdi, of.width));
  for (let columns = TILE.columns; columns >= 1; columns /= 2) {
    countDown(a, rbx, columns, () => {
      addColumns(a, columns, vectors, masked, of);
      a.add(rsi, number(columns * ROW));
      a.add(rcx, number(columns * 4));
    });
  }
}

/** rcx is where the columns are in a row of values, in bytes, rsi where their outputs are. */
function addColumns(
  a: Assembler,
  columns: number,
  vectors: number,
  masked: boolean,
  { rows, weights: numbers }: KeySum,
): void {
  a.note(
    `${columns} columns of weighted values of ${16 * vectors} queries${masked ? ", where attended" : ""}`,
  );
  const sum = (column: number, vector: number): Zmm => zmm(column * vectors + vector);
  const weights = (vector: number): Zmm => zmm(FREE + vector);
  for (let place = 0; place < columns * vectors; place++) a.vpxord(zmm(place), zmm(place), zmm(place));
  a.lea(rdx, at(rbp, rows));
  a.lea(r8, at(rbp, numbers));
  a.mov(r9, at(rbp, LANE.blockEnd));
  a.shr(r9, 3);
  const keys = (count: number): void => {
    for (let key = 0; key < count; key++) {
      a.mov(rax, at(rdx, 8 * key));
      for (let vector = 0; vector < vectors; vector++)
        a.vmovups(weights(vector), at(r8, ROW * key + VECTOR * vector));
      if (masked) loadMasks(a, key, vectors);
      for (let column = 0; column < columns; column++) {
        const value = zmm(FREE + vectors + (column % 2));
        a.vbroadcastss(value, at(rax, 4 * column, rcx));
        for (let vector = 0; vector < vectors; vector++) {
          const masking = masked ? { mask: maskOf(vector) } : undefined;
          a.vfmadd231ps(sum(column, vector), weights(vector), value, masking);
        }
      }
    }
    a.add(rdx, number(8 * count));
    a.add(r8, number(ROW * count));
    if (masked) a.add(r10, number(8 * count));
  };
  if (masked) a.mov(r10, at(rbp, LANE.mask));
  if (!masked && columns === TILE.columns) countDown(a, r9, UNROLLED, () => keys(UNROLLED));
  countDown(a, r9, 1, () => keys(1));
  const outputs = Array.from({ length: columns * vectors }, (_, place) => {
    const [column, vector] = [Math.floor(place / vectors), place % vectors];
    return { x: sum(column, vector), output: at(rsi, ROW * column + VECTOR * vector) };
  });
  const first = a.fresh("first_sums");
  a.mov(rax, at(rbp, LANE.empty));
  a.test(rax, rax);
  a.jumpIf("ne", first);
  for (const { x, output } of outputs) a.vaddps(x, x, output);
  a.label(first);
  for (const { x, output } of outputs) a.vmovupsStore(output, x);
}

/** r10 is where the mask of the first key of this turn is. */
function loadMasks(a: Assembler, key: number, vectors: number): void {
  for (let vector = 0; vector < vectors; vector++) a.kmovwLoad(maskOf(vector), at(r10, 8 * key + 2 * vector));
}
