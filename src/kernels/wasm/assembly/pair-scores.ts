import { multiplyAdd } from "./generated/micro";
import { tanh } from "./tanh";

/** Scores of one query and one key by channels: rows are filled up with zeros to a multiple of 8 floats, as those of w are. */

/** `Σ w tanh(q + k)` in 8 parts. `table` has the constants of tanh. */
export function tanhParts(query: usize, key: usize, weights: usize, rowBytes: usize, parts: usize, table: usize): void {
  const p4 = v128.load32_splat(table, 0), p3 = v128.load32_splat(table, 4), p2 = v128.load32_splat(table, 8);
  const p1 = v128.load32_splat(table, 12), q4 = v128.load32_splat(table, 16), q3 = v128.load32_splat(table, 20);
  const q2 = v128.load32_splat(table, 24), q1 = v128.load32_splat(table, 28), one = v128.load32_splat(table, 32);
  const least = v128.load32_splat(table, 36), most = v128.load32_splat(table, 40);
  let s0 = f32x4.splat(0), s1 = f32x4.splat(0);
  for (let i: usize = 0; i < rowBytes; i += 32) {
    const x0 = f32x4.add(v128.load(query + i, 0), v128.load(key + i, 0));
    const x1 = f32x4.add(v128.load(query + i, 16), v128.load(key + i, 16));
    s0 = multiplyAdd(v128.load(weights + i, 0), tanh(x0, p4, p3, p2, p1, q4, q3, q2, q1, one, least, most), s0);
    s1 = multiplyAdd(v128.load(weights + i, 16), tanh(x1, p4, p3, p2, p1, q4, q3, q2, q1, one, least, most), s1);
  }
  v128.store(parts, s0, 0);
  v128.store(parts, s1, 16);
}

/** `Σ w leaky(q + k)` in 8 parts. `steep` says that the slope is above 1. */
export function leakyParts(query: usize, key: usize, weights: usize, rowBytes: usize, parts: usize, slope: f32, steep: bool): void {
  const leak = f32x4.splat(slope);
  let s0 = f32x4.splat(0), s1 = f32x4.splat(0);
  for (let i: usize = 0; i < rowBytes; i += 32) {
    const x0 = f32x4.add(v128.load(query + i, 0), v128.load(key + i, 0));
    const x1 = f32x4.add(v128.load(query + i, 16), v128.load(key + i, 16));
    const y0 = f32x4.mul(x0, leak), y1 = f32x4.mul(x1, leak);
    s0 = multiplyAdd(v128.load(weights + i, 0), steep ? f32x4.pmin(x0, y0) : f32x4.pmax(x0, y0), s0);
    s1 = multiplyAdd(v128.load(weights + i, 16), steep ? f32x4.pmin(x1, y1) : f32x4.pmax(x1, y1), s1);
  }
  v128.store(parts, s0, 0);
  v128.store(parts, s1, 16);
}
