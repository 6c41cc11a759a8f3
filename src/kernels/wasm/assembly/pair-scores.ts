import { ACTIVATION_leaky, ACTIVATION_steep } from "./generated/layout";
import { multiplyAdd } from "./generated/micro";
import { tanh } from "./tanh";

/** Scores of one query and some keys by channels: rows are filled up with zeros to a multiple of 8 floats, as those of w are. */

/** `Σ w tanh(q + k)` of one key in 8 parts. `table` has the constants of tanh. */
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

/**
 * `Σ w leaky(q + k)` of four keys, each in 8 parts: side by side, so that the processor waits for all of them at once.
 * `steep` says that the slope is above 1.
 */
@inline
function leakyBy(
  steep: bool, query: usize, key0: usize, key1: usize, key2: usize, key3: usize, weights: usize, rowBytes: usize, parts: usize, slope: f32,
): void {
  const leak = f32x4.splat(slope);
  let a0 = f32x4.splat(0), a1 = f32x4.splat(0), b0 = f32x4.splat(0), b1 = f32x4.splat(0);
  let c0 = f32x4.splat(0), c1 = f32x4.splat(0), d0 = f32x4.splat(0), d1 = f32x4.splat(0);
  for (let i: usize = 0; i < rowBytes; i += 32) {
    const q0 = v128.load(query + i, 0), q1 = v128.load(query + i, 16);
    const w0 = v128.load(weights + i, 0), w1 = v128.load(weights + i, 16);
    a0 = multiplyAdd(w0, leaky(steep, f32x4.add(q0, v128.load(key0 + i, 0)), leak), a0);
    a1 = multiplyAdd(w1, leaky(steep, f32x4.add(q1, v128.load(key0 + i, 16)), leak), a1);
    b0 = multiplyAdd(w0, leaky(steep, f32x4.add(q0, v128.load(key1 + i, 0)), leak), b0);
    b1 = multiplyAdd(w1, leaky(steep, f32x4.add(q1, v128.load(key1 + i, 16)), leak), b1);
    c0 = multiplyAdd(w0, leaky(steep, f32x4.add(q0, v128.load(key2 + i, 0)), leak), c0);
    c1 = multiplyAdd(w1, leaky(steep, f32x4.add(q1, v128.load(key2 + i, 16)), leak), c1);
    d0 = multiplyAdd(w0, leaky(steep, f32x4.add(q0, v128.load(key3 + i, 0)), leak), d0);
    d1 = multiplyAdd(w1, leaky(steep, f32x4.add(q1, v128.load(key3 + i, 16)), leak), d1);
  }
  v128.store(parts, a0, 0);
  v128.store(parts, a1, 16);
  v128.store(parts, b0, 32);
  v128.store(parts, b1, 48);
  v128.store(parts, c0, 64);
  v128.store(parts, c1, 80);
  v128.store(parts, d0, 96);
  v128.store(parts, d1, 112);
}

@inline
function leaky(steep: bool, x: v128, leak: v128): v128 {
  return steep ? f32x4.pmin(x, f32x4.mul(x, leak)) : f32x4.pmax(x, f32x4.mul(x, leak));
}

/** The same where the slope is at most 1. */
export function leakyParts(
  query: usize, key0: usize, key1: usize, key2: usize, key3: usize, weights: usize, rowBytes: usize, parts: usize, slope: f32,
): void {
  leakyBy(false, query, key0, key1, key2, key3, weights, rowBytes, parts, slope);
}

/** The same where it is above. */
export function steepParts(
  query: usize, key0: usize, key1: usize, key2: usize, key3: usize, weights: usize, rowBytes: usize, parts: usize, slope: f32,
): void {
  leakyBy(true, query, key0, key1, key2, key3, weights, rowBytes, parts, slope);
}

/** `Σ w act(q + k)` of up to four keys, each in 8 parts; of those that are missing, the last again or nothing. `table` is scratch of tanh. */
@inline
export function activatedParts(
  activation: i32, query: usize, key0: usize, key1: usize, key2: usize, key3: usize, count: i32, weights: usize, rowBytes: usize, slope: f32,
  parts: usize, table: usize,
): void {
  if (activation == ACTIVATION_leaky) leakyParts(query, key0, key1, key2, key3, weights, rowBytes, parts, slope);
  else if (activation == ACTIVATION_steep) steepParts(query, key0, key1, key2, key3, weights, rowBytes, parts, slope);
  else {
    tanhParts(query, key0, weights, rowBytes, parts, table);
    if (count > 1) tanhParts(query, key1, weights, rowBytes, parts + 32, table);
    if (count > 2) tanhParts(query, key2, weights, rowBytes, parts + 64, table);
    if (count > 3) tanhParts(query, key3, weights, rowBytes, parts + 96, table);
  }
}
