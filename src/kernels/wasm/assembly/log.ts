const LN_2_HEAD: f32 = 0.693359375;
const LN_2_REST: f32 = -0.00021219444;
/** The bits of √½: exponents are counted from there, so that what is left of a number lies in [√½, √2]. */
const ROOT_HALF: i32 = 0x3f3504f3;

/**
 * ln x in every lane for normal x above 0; NaN of NaN. `x = 2^e m`, and `ln m = 2 artanh s`, `s = (m - 1) / (m + 1)`; to 2 units in the last
 * place, since s is below 0.172, and its ninth power is the last that counts.
 */
@inline
export function log(x: v128): v128 {
  const shifted = i32x4.sub(x, i32x4.splat(ROOT_HALF));
  const e = f32x4.convert_i32x4_s(i32x4.shr_s(shifted, 23));
  const m = i32x4.add(v128.and(shifted, i32x4.splat(0x007fffff)), i32x4.splat(ROOT_HALF));
  const above = f32x4.sub(m, f32x4.splat(1));
  const s = f32x4.div(above, f32x4.add(m, f32x4.splat(1)));
  const t = f32x4.mul(s, s);
  let p = f32x4.splat(0.2222222222);
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(0.2857142857));
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(0.4));
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(0.6666666667));
  // 2 s = above - s above: what is added to it is small, and the rest exact.
  const rest = f32x4.mul(s, f32x4.sub(f32x4.mul(p, t), above));
  const small = f32x4.add(f32x4.add(above, rest), f32x4.mul(e, f32x4.splat(LN_2_REST)));
  // What is no number has no bits of one.
  return f32x4.add(f32x4.add(f32x4.mul(e, f32x4.splat(LN_2_HEAD)), small), f32x4.sub(x, x));
}
