import { multiplyAdd } from "../generated/micro";

/** Larger exponents are cut off: what is added to them then stays exact. */
const MOST_EXPONENT: f32 = 2097152;
const ROUNDS: f32 = 12582912;
/** The bits of `ROUNDS`. */
const ROUNDS_BITS: i32 = 0x4b400000;

/** x cut off, plus a number that leaves the nearest integer of x in the low bits. NaN stays NaN. */
@inline
export function roundedBits(x: v128): v128 {
  return f32x4.add(cutOff(x), f32x4.splat(ROUNDS));
}

/** The nearest integer of x, as an integer. Of NaN it may be any. */
@inline
export function nearest(x: v128): v128 { return i32x4.sub(roundedBits(x), i32x4.splat(ROUNDS_BITS)); }

@inline
function cutOff(x: v128): v128 {
  return f32x4.pmax(f32x4.pmin(x, f32x4.splat(MOST_EXPONENT)), f32x4.splat(-MOST_EXPONENT));
}

/**
 * `2^(x - m)` in every lane, m integers: nothing is rounded between x and the power, however large m is. Not above 2^127; 0 below
 * 2^-126; NaN of NaN. The polynomial is that of `softmax.ts`.
 */
@inline
export function powerLess(x: v128, m: v128): v128 {
  const shifted = roundedBits(x);
  const f = f32x4.sub(cutOff(x), f32x4.sub(shifted, f32x4.splat(ROUNDS)));
  let p = f32x4.splat(0.0013276472454890609);
  p = multiplyAdd(p, f, f32x4.splat(0.009675541892647743));
  p = multiplyAdd(p, f, f32x4.splat(0.05550713092088699));
  p = multiplyAdd(p, f, f32x4.splat(0.24022120237350464));
  p = multiplyAdd(p, f, f32x4.splat(0.6931469440460205));
  p = multiplyAdd(p, f, f32x4.splat(1.0000001192092896));
  return f32x4.mul(p, powerOf(i32x4.sub(i32x4.sub(shifted, i32x4.splat(ROUNDS_BITS)), m)));
}

/** 2^n of integers up to 127, exactly; 0 below -126. */
@inline
export function powerOf(n: v128): v128 {
  return i32x4.shl(i32x4.max_s(i32x4.add(n, i32x4.splat(127)), i32x4.splat(0)), 23);
}
