/** Rows and columns of the tile whose sums are kept in registers. */
const TILE = 4;

/** Rows gathered before they are projected, so that a strip of weights is read once for all of them. */
export const ROW_BLOCK = 64;

/**
 * `out[r, c] = Σ_i x[r, i] w[c, i]` for `x` `[ROW_BLOCK, width]` and `w` `[columns, width]`, both row-major;
 * every row of `x` is computed, used or not. A sum runs in the order of `i` whatever the tile, so that a row
 * is the same in any block.
 */
export function projectBlock(x: Float64Array, w: Float64Array, width: number, out: Float64Array): void {
  const columns = w.length / width;
  let column = 0;
  for (; column + TILE <= columns; column += TILE) {
    for (let row = 0; row < ROW_BLOCK; row += 2) projectTile(x, w, width, row, column, out, columns);
  }
  for (; column < columns; column++) {
    for (let row = 0; row < ROW_BLOCK; row++) {
      let sum = 0;
      for (let index = 0; index < width; index++) sum += x[row * width + index] * w[column * width + index];
      out[row * columns + column] = sum;
    }
  }
}

function projectTile(
  x: Float64Array,
  w: Float64Array,
  width: number,
  row: number,
  column: number,
  out: Float64Array,
  columns: number,
): void {
  const x0 = row * width;
  const x1 = x0 + width;
  const w0 = column * width;
  const w1 = w0 + width;
  const w2 = w1 + width;
  const w3 = w2 + width;
  let s00 = 0;
  let s01 = 0;
  let s02 = 0;
  let s03 = 0;
  let s10 = 0;
  let s11 = 0;
  let s12 = 0;
  let s13 = 0;
  for (let index = 0; index < width; index++) {
    const a0 = x[x0 + index];
    const a1 = x[x1 + index];
    const b0 = w[w0 + index];
    const b1 = w[w1 + index];
    const b2 = w[w2 + index];
    const b3 = w[w3 + index];
    s00 += a0 * b0;
    s01 += a0 * b1;
    s02 += a0 * b2;
    s03 += a0 * b3;
    s10 += a1 * b0;
    s11 += a1 * b1;
    s12 += a1 * b2;
    s13 += a1 * b3;
  }
  const at0 = row * columns + column;
  const at1 = at0 + columns;
  out[at0] = s00;
  out[at0 + 1] = s01;
  out[at0 + 2] = s02;
  out[at0 + 3] = s03;
  out[at1] = s10;
  out[at1 + 1] = s11;
  out[at1 + 2] = s12;
  out[at1 + 3] = s13;
}
