import { Lane } from "./lane";
import { powerSum } from "./ln";
import { Matrix } from "./matrix";
import { softmaxRow } from "./small-matrices";
import { exp2, joinMaxima, joinSums } from "./softmax";
import { Step } from "./step";
import { LEAST } from "./weigh";

/**
 * Sinkhorn's iterations on a matrix of scores, in powers of 2 and in place: the numbers that count come near 0 with the first of them,
 * and are rounded as little from then on.
 */

/** Takes `log2 Σ 2^x` of each of columns `from … to-1`; columns that only fill a panel become -∞. */
export function balanceColumns(step: usize, lane: usize, from: i32, to: i32): void {
  const logs = Step.of(step);
  const rows = Matrix.rows(logs);
  const rowBytes = Matrix.rowBytes(logs);
  const bytes: usize = <usize>((to - from + 7) & ~7) << 2;
  const start = Matrix.row(logs, 0) + (<usize>from << 2);
  const end = start + <usize>rows * rowBytes;
  const largest = Lane.scores(lane);
  const sums = largest + bytes;
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(largest + i, f32x4.splat(LEAST));
    v128.store(sums + i, f32x4.splat(0));
  }
  for (let row = start; row < end; row += rowBytes) {
    for (let i: usize = 0; i < bytes; i += 32) {
      v128.store(largest + i, f32x4.pmax(v128.load(largest + i, 0), v128.load(row + i, 0)), 0);
      v128.store(largest + i, f32x4.pmax(v128.load(largest + i, 16), v128.load(row + i, 16)), 16);
    }
  }
  for (let row = start; row < end; row += rowBytes) {
    for (let i: usize = 0; i < bytes; i += 32) {
      const a = exp2(f32x4.sub(v128.load(row + i, 0), v128.load(largest + i, 0)));
      const b = exp2(f32x4.sub(v128.load(row + i, 16), v128.load(largest + i, 16)));
      v128.store(sums + i, f32x4.add(v128.load(sums + i, 0), a), 0);
      v128.store(sums + i, f32x4.add(v128.load(sums + i, 16), b), 16);
    }
  }
  for (let i: usize = 0; i < bytes; i += 4) {
    const fills = from + <i32>(i >> 2) >= Matrix.columns(logs);
    store<f32>(sums + i, fills ? Infinity : powerSum(load<f32>(largest + i), load<f32>(sums + i)));
  }
  for (let row = start; row < end; row += rowBytes) {
    for (let i: usize = 0; i < bytes; i += 32) {
      v128.store(row + i, f32x4.sub(v128.load(row + i, 0), v128.load(sums + i, 0)), 0);
      v128.store(row + i, f32x4.sub(v128.load(row + i, 16), v128.load(sums + i, 16)), 16);
    }
  }
}

/** Takes `log2 Σ 2^x` of each of rows `from … to-1`. */
export function balanceRows(step: usize, lane: usize, from: i32, to: i32): void {
  const logs = Step.of(step);
  const columns = (Matrix.columns(logs) + 7) & ~7;
  const parts = Lane.parts(lane);
  for (let r = from; r < to; r++) {
    const row = Matrix.row(logs, r);
    const end = row + (<usize>columns << 2);
    let m0 = f32x4.splat(LEAST), m1 = f32x4.splat(LEAST);
    for (let p = row; p < end; p += 32) {
      m0 = f32x4.pmax(m0, v128.load(p, 0));
      m1 = f32x4.pmax(m1, v128.load(p, 16));
    }
    v128.store(parts, m0, 0);
    v128.store(parts, m1, 16);
    const largest = f32x4.extract_lane(joinMaxima(parts), 0);
    const m = f32x4.splat(largest);
    let t0 = f32x4.splat(0), t1 = f32x4.splat(0);
    for (let p = row; p < end; p += 32) {
      t0 = f32x4.add(t0, exp2(f32x4.sub(v128.load(p, 0), m)));
      t1 = f32x4.add(t1, exp2(f32x4.sub(v128.load(p, 16), m)));
    }
    v128.store(parts, t0, 0);
    v128.store(parts, t1, 16);
    const less = f32x4.splat(powerSum(largest, f32x4.extract_lane(joinSums(parts), 0)));
    for (let p = row; p < end; p += 32) {
      v128.store(p, f32x4.sub(v128.load(p, 0), less), 0);
      v128.store(p, f32x4.sub(v128.load(p, 16), less), 16);
    }
  }
}

/** Rows `from … to-1` of the shares of as many blocks as the result has columns: softmax of their logarithms. */
export function shareRows(step: usize, lane: usize, from: i32, to: i32): void {
  const result = Step.to(step);
  const columns = Matrix.columns(result);
  const padded = (columns + 7) & ~7;
  for (let row = from; row < to; row++) {
    memory.copy(Matrix.row(result, row), Matrix.row(Step.of(step), row), <usize>padded << 2);
    softmaxRow(Matrix.row(result, row), columns, padded, Lane.parts(lane));
  }
}
