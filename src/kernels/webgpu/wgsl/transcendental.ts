/*
 * Functions in WGSL to float32's own accuracy: those that WGSL has may be off by many roundings, or by 2^-11.
 * Coefficients are of Chebyshev interpolation, rounded to float32. Whether a number is NaN is asked of its
 * bits, because compilers may assume that none is.
 */

/** `nan4(x)`: which components of a `vec4f` are NaN, and `infinite_or_nan4(x)`: which are no finite numbers. */
export const NOT_FINITE = `
fn nan4(x: vec4f) -> vec4<bool> { return (bitcast<vec4u>(x) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u); }
fn infinite_or_nan4(x: vec4f) -> vec4<bool> {
  return (bitcast<vec4u>(x) & vec4u(0x7f800000u)) == vec4u(0x7f800000u);
}`;

/** `power_of_two(n)`: 2^n of integers, 0 below -126 and infinity above 127. */
const POWER_OF_TWO = `
fn power_of_two(n: vec4i) -> vec4f {
  return bitcast<vec4f>(vec4u(clamp(n + vec4i(127), vec4i(0), vec4i(255))) << vec4u(23u));
}`;

/**
 * `exp2_4(x)`: 2^x within 2 roundings, 0 below about 2^-126; NaN of NaN. And `fraction_power_4(f)`, the same
 * for |f| up to ½. Needs `NOT_FINITE`.
 */
export const EXP2 = `${POWER_OF_TWO}
fn fraction_power_4(f: vec4f) -> vec4f {
  var p = fma(f, vec4f(0.00015453163359779865), vec4f(0.0013390863314270973));
  p = fma(f, p, vec4f(0.009618083015084267));
  p = fma(f, p, vec4f(0.055503569543361664));
  p = fma(f, p, vec4f(0.24022650718688965));
  p = fma(f, p, vec4f(0.6931471824645996));
  return fma(f, p, vec4f(1.0));
}
fn exp2_4(x: vec4f) -> vec4f {
  let held = clamp(x, vec4f(-160.0), vec4f(160.0));
  let whole = round(held);
  return select(fraction_power_4(held - whole) * power_of_two(vec4i(whole)), x, nan4(x));
}`;

/**
 * `exp_4(x)`: e^x within a rounding, so that what is near 1 is right in its last digit; 0 below about 2^-126,
 * NaN of NaN. Needs `EXP2`. The product with ln 2 is exact in its first part, which has nine bits.
 */
export const EXP = `
fn exp_4(x: vec4f) -> vec4f {
  let held = clamp(x, vec4f(-110.0), vec4f(110.0));
  let whole = round(held * 1.4426950408889634);
  let r = (held - whole * 0.693359375) + whole * 2.12194440054690583e-4;
  var p = fma(r, vec4f(0.0013926181709393859), vec4f(0.008363177999854088));
  p = fma(r, p, vec4f(0.041666556149721146));
  p = fma(r, p, vec4f(0.16666576266288757));
  p = fma(r, p, vec4f(0.5));
  return select((1.0 + fma(r * r, p, r)) * power_of_two(vec4i(whole)), x, nan4(x));
}`;

/**
 * `turn_4(x)`: sine and cosine of angles up to some thousands, by Cody and Waite's three parts of π/2; what
 * is not finite stays as it is. Needs `NOT_FINITE`.
 */
export const TURN = `
struct Turn { sine: vec4f, cosine: vec4f }
fn turn_4(x: vec4f) -> Turn {
  let wrong = infinite_or_nan4(x);
  let held = select(x, vec4f(), wrong);
  let whole = round(held * 0.6366197723675814);
  let r = ((held - whole * 1.5703125) - whole * 4.837512969970703125e-4) - whole * 7.54978995489188216e-8;
  let z = r * r;
  var s = fma(z, vec4f(0.0000027249925551586784), vec4f(-0.00019840087043121457));
  s = fma(z, s, vec4f(0.008333331905305386));
  s = fma(z, s, vec4f(-0.1666666716337204));
  let sine = fma(r * z, s, r);
  var c = fma(z, vec4f(0.00002454794230288826), vec4f(-0.001388830249197781));
  c = fma(z, c, vec4f(0.0416666641831398));
  let cosine = fma(z * z, c, fma(z, vec4f(-0.5), vec4f(1.0)));
  let quarter = vec4i(whole) & vec4i(3);
  let crossed = (quarter & vec4i(1)) == vec4i(1);
  let below = (quarter & vec4i(2)) == vec4i(2);
  let left = ((quarter + vec4i(1)) & vec4i(2)) == vec4i(2);
  let a = select(sine, cosine, crossed);
  let b = select(cosine, sine, crossed);
  return Turn(select(select(a, -a, below), x, wrong), select(select(b, -b, left), x, wrong));
}`;
