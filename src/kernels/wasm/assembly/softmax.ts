import { multiplyAdd } from "./generated/micro";

/**
 * 2^x in every lane for x ≤ 128, of which the last half is infinite, and 0 below -126.5; relative error under 2e-7; NaN of NaN. Adding 1.5·2^23 + 127 rounds x to
 * an integer n and leaves n + 127 in the low bits, which become the exponent of 2^n. The rest is a polynomial: the best of
 * degree 5 for 2^f on [-1/2, 1/2] by relative error (7.5e-8), fitted by reweighted least squares.
 */
@inline
export function exp2(x: v128): v128 {
  x = f32x4.pmax(x, f32x4.splat(-127));
  const shifted = f32x4.add(x, f32x4.splat(12583039));
  const f = f32x4.sub(x, f32x4.sub(shifted, f32x4.splat(12583039)));
  let p = f32x4.splat(0.0013276472454890609);
  p = multiplyAdd(p, f, f32x4.splat(0.009675541892647743));
  p = multiplyAdd(p, f, f32x4.splat(0.05550713092088699));
  p = multiplyAdd(p, f, f32x4.splat(0.24022120237350464));
  p = multiplyAdd(p, f, f32x4.splat(0.6931469440460205));
  p = multiplyAdd(p, f, f32x4.splat(1.0000001192092896));
  return f32x4.mul(p, i32x4.shl(shifted, 23));
}

/**
 * The largest of a row of scores in 8 parts, NaN left out: a score that is NaN makes a weight that is. `columns` is a
 * multiple of 8. Two accumulators, stored before they are joined: V8 fuses pairs of 128-bit operations into 256 bits only
 * where they run in step.
 */
export function rowMaximum(scores: usize, columns: i32, parts: usize): void {
  let m0 = f32x4.splat(-Infinity), m1 = f32x4.splat(-Infinity);
  const end: usize = scores + (<usize>columns << 2);
  for (let p: usize = scores; p < end; p += 32) {
    m0 = f32x4.pmax(m0, v128.load(p, 0));
    m1 = f32x4.pmax(m1, v128.load(p, 16));
  }
  v128.store(parts, m0, 0);
  v128.store(parts, m1, 16);
}

/**
 * Turns a row of scores into weights `2^(score - m)`, m in every lane; leaves their sum in 8 parts. `columns` is a multiple of
 * 8. Always inlined: V8's fusion aborts the process at a pair of operations on a vector that is a parameter.
 */
@inline
export function rowWeights(scores: usize, columns: i32, m: v128, parts: usize): void {
  let t0 = f32x4.splat(0), t1 = f32x4.splat(0);
  const end: usize = scores + (<usize>columns << 2);
  for (let p: usize = scores; p < end; p += 32) {
    const w0 = exp2(f32x4.sub(v128.load(p, 0), m));
    const w1 = exp2(f32x4.sub(v128.load(p, 16), m));
    t0 = f32x4.add(t0, w0);
    t1 = f32x4.add(t1, w1);
    v128.store(p, w0, 0);
    v128.store(p, w1, 16);
  }
  v128.store(parts, t0, 0);
  v128.store(parts, t1, 16);
}

/** Of 4 rows in 8 parts each, at `parts`: the largest part of each. */
@inline
export function joinMaxima(parts: usize): v128 {
  const a = f32x4.pmax(v128.load(parts, 0), v128.load(parts, 16));
  const b = f32x4.pmax(v128.load(parts, 32), v128.load(parts, 48));
  const c = f32x4.pmax(v128.load(parts, 64), v128.load(parts, 80));
  const d = f32x4.pmax(v128.load(parts, 96), v128.load(parts, 112));
  const ab = f32x4.pmax(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.pmax(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.pmax(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
}

/** Of 4 rows in 8 parts each, at `parts`: the sum of each. */
@inline
export function joinSums(parts: usize): v128 {
  const a = f32x4.add(v128.load(parts, 0), v128.load(parts, 16));
  const b = f32x4.add(v128.load(parts, 32), v128.load(parts, 48));
  const c = f32x4.add(v128.load(parts, 64), v128.load(parts, 80));
  const d = f32x4.add(v128.load(parts, 96), v128.load(parts, 112));
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
}

/** Multiplies `bytes` bytes of numbers, a multiple of 32, by a factor. */
export function scaleRow(row: usize, bytes: usize, factor: f32): void {
  const f = f32x4.splat(factor);
  for (let i: usize = 0; i < bytes; i += 32) {
    v128.store(row + i, f32x4.mul(v128.load(row + i, 0), f), 0);
    v128.store(row + i, f32x4.mul(v128.load(row + i, 16), f), 16);
  }
}
