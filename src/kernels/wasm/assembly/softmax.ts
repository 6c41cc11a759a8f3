/**
 * 2^x for x ≤ 0 in every lane, and 0 below -126; relative error under 2e-7. Adding 1.5·2^23 rounds x to an integer in the
 * low bits, which become the exponent; a polynomial does the rest (Cephes, exp2f).
 */
@inline
export function exp2(x: v128): v128 {
  const shifted = f32x4.add(x, f32x4.splat(12582912));
  const f = f32x4.sub(x, f32x4.sub(shifted, f32x4.splat(12582912)));
  let p = f32x4.splat(1.535336188319500e-4);
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(1.339887440266574e-3));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(9.618437357674640e-3));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(5.550332471162809e-2));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(2.402264791363012e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(6.931472028550421e-1));
  p = f32x4.add(f32x4.mul(p, f), f32x4.splat(1));
  const y = i32x4.add(p, i32x4.shl(shifted, 23));
  return v128.andnot(y, f32x4.lt(x, f32x4.splat(-126)));
}

/**
 * The largest of a row of scores; NaN if one is NaN. Two accumulators, stored before they are joined: V8 fuses pairs of
 * 128-bit operations into 256 bits only where they run in step.
 */
export function rowMaximum(s: usize, columns: i32, scratch: usize): f32 {
  let m0 = v128.load(s, 0), m1 = v128.load(s, 16);
  const end: usize = s + (<usize>columns << 2);
  for (let p: usize = s + 32; p < end; p += 32) {
    m0 = f32x4.max(m0, v128.load(p, 0));
    m1 = f32x4.max(m1, v128.load(p, 16));
  }
  v128.store(scratch, m0, 0); v128.store(scratch, m1, 16);
  const m = f32x4.max(v128.load(scratch, 0), v128.load(scratch, 16));
  return max(max(f32x4.extract_lane(m, 0), f32x4.extract_lane(m, 1)), max(f32x4.extract_lane(m, 2), f32x4.extract_lane(m, 3)));
}

/** Turns a row of scores into weights `2^(score - maximum)` and returns their sum. */
export function rowWeights(s: usize, columns: i32, maximum: f32, scratch: usize): f32 {
  const m = f32x4.splat(maximum);
  let t0 = f32x4.splat(0), t1 = f32x4.splat(0);
  const end: usize = s + (<usize>columns << 2);
  for (let p: usize = s; p < end; p += 32) {
    const w0 = exp2(f32x4.sub(v128.load(p, 0), m));
    const w1 = exp2(f32x4.sub(v128.load(p, 16), m));
    t0 = f32x4.add(t0, w0);
    t1 = f32x4.add(t1, w1);
    v128.store(p, w0, 0);
    v128.store(p, w1, 16);
  }
  v128.store(scratch, t0, 0); v128.store(scratch, t1, 16);
  const t = f32x4.add(v128.load(scratch, 0), v128.load(scratch, 16));
  return (f32x4.extract_lane(t, 0) + f32x4.extract_lane(t, 1)) + (f32x4.extract_lane(t, 2) + f32x4.extract_lane(t, 3));
}

/** Multiplies a row of `bytes` bytes by a factor. */
export function scaleRow(o: usize, bytes: usize, factor: f32): void {
  const f = f32x4.splat(factor);
  for (let i: usize = 0; i < bytes; i += 32) {
    v128.store(o + i, f32x4.mul(v128.load(o + i, 0), f), 0);
    v128.store(o + i, f32x4.mul(v128.load(o + i, 16), f), 16);
  }
}
