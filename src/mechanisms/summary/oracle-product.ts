import { float32, float64, type Rounding, sumsOf } from "../oracle.ts";

/**
 * `out += a·b`: a `[rows, inner]`, b `[inner, columns]`, out `[rows, columns]`, row-major. Each sum starts from 0
 * and is then added, so that sums over many tokens are made of sums over stretches of them, as those of kernels
 * are. Every result of an operation goes through `round`.
 *
 * 2×4 sums share their numbers in registers: at a million tokens all of an evaluation's time is spent here. Nothing
 * is destructured in the loops, which takes V8 twice as long.
 */
export function addProduct(
  rounding: Rounding,
  out: Float64Array,
  a: Float64Array,
  b: Float64Array,
  rows: number,
  inner: number,
  columns: number,
): void {
  const round = sumsOf(rounding);
  const evenRows = rows - (rows % 2);
  const evenColumns = columns - (columns % 4);
  if (round === float64) exactBlocks(out, a, b, evenRows, inner, columns);
  else if (round === float32) singleBlocks(out, a, b, evenRows, inner, columns);
  else edge(round, out, a, b, 0, evenRows, 0, evenColumns, inner, columns);
  edge(round, out, a, b, 0, evenRows, evenColumns, columns, inner, columns);
  edge(round, out, a, b, evenRows, rows, 0, columns, inner, columns);
}

/** One sum after the other. */
function edge(
  round: Rounding,
  out: Float64Array,
  a: Float64Array,
  b: Float64Array,
  fromRow: number,
  toRow: number,
  fromColumn: number,
  toColumn: number,
  inner: number,
  columns: number,
): void {
  for (let row = fromRow; row < toRow; row++) {
    for (let column = fromColumn; column < toColumn; column++) {
      let sum = 0;
      for (let i = 0; i < inner; i++) sum = round(sum + round(a[row * inner + i] * b[i * columns + column]));
      out[row * columns + column] = round(out[row * columns + column] + sum);
    }
  }
}

function exactBlocks(
  out: Float64Array,
  a: Float64Array,
  b: Float64Array,
  rows: number,
  inner: number,
  columns: number,
): void {
  for (let row = 0; row < rows; row += 2) {
    for (let column = 0; column + 4 <= columns; column += 4) {
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      let t0 = 0;
      let t1 = 0;
      let t2 = 0;
      let t3 = 0;
      let b0 = column;
      const a1 = (row + 1) * inner;
      for (let a0 = row * inner; a0 < a1; a0++, b0 += columns) {
        const x = a[a0];
        const y = a[a0 + inner];
        const p = b[b0];
        const q = b[b0 + 1];
        const r = b[b0 + 2];
        const w = b[b0 + 3];
        s0 += x * p;
        s1 += x * q;
        s2 += x * r;
        s3 += x * w;
        t0 += y * p;
        t1 += y * q;
        t2 += y * r;
        t3 += y * w;
      }
      const at = row * columns + column;
      out[at] += s0;
      out[at + 1] += s1;
      out[at + 2] += s2;
      out[at + 3] += s3;
      const below = at + columns;
      out[below] += t0;
      out[below + 1] += t1;
      out[below + 2] += t2;
      out[below + 3] += t3;
    }
  }
}

/** The same in float32. `Math.fround` is written out: a rounding that is called costs several times as much. */
function singleBlocks(
  out: Float64Array,
  a: Float64Array,
  b: Float64Array,
  rows: number,
  inner: number,
  columns: number,
): void {
  const { fround } = Math;
  for (let row = 0; row < rows; row += 2) {
    for (let column = 0; column + 4 <= columns; column += 4) {
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      let t0 = 0;
      let t1 = 0;
      let t2 = 0;
      let t3 = 0;
      let b0 = column;
      const a1 = (row + 1) * inner;
      for (let a0 = row * inner; a0 < a1; a0++, b0 += columns) {
        const x = a[a0];
        const y = a[a0 + inner];
        const p = b[b0];
        const q = b[b0 + 1];
        const r = b[b0 + 2];
        const w = b[b0 + 3];
        s0 = fround(s0 + fround(x * p));
        s1 = fround(s1 + fround(x * q));
        s2 = fround(s2 + fround(x * r));
        s3 = fround(s3 + fround(x * w));
        t0 = fround(t0 + fround(y * p));
        t1 = fround(t1 + fround(y * q));
        t2 = fround(t2 + fround(y * r));
        t3 = fround(t3 + fround(y * w));
      }
      const at = row * columns + column;
      out[at] = fround(out[at] + s0);
      out[at + 1] = fround(out[at + 1] + s1);
      out[at + 2] = fround(out[at + 2] + s2);
      out[at + 3] = fround(out[at + 3] + s3);
      const below = at + columns;
      out[below] = fround(out[below] + t0);
      out[below + 1] = fround(out[below + 1] + t1);
      out[below + 2] = fround(out[below + 2] + t2);
      out[below + 3] = fround(out[below + 3] + t3);
    }
  }
}
