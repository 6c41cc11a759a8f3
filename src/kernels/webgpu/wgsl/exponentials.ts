/**
 * In WGSL: `power2(x)`, a power of 2, and `powers2(x)`, those of four numbers: by the device's own `exp2` where that is exact
 * enough (`exactPowers` finds out), and by a polynomial otherwise. They are 0 from -126 down, infinite from 128 on, and NaN
 * of NaN.
 */
export function exponentialsText(builtInIsExact: boolean): string {
  return `${builtInIsExact ? BUILT_IN : POLYNOMIAL}
fn power2(x: f32) -> f32 { return powers2(vec4f(x)).x; }`;
}

/** To some devices the power of NaN is infinity. */
const BUILT_IN = `fn powers2(x: vec4f) -> vec4f {
  return select(exp2(x), x, (bitcast<vec4u>(x) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u));
}`;

/**
 * The power of the nearest integer, whose bits are an exponent, times that of the rest, which is from -1/2 to 1/2: its Taylor
 * polynomial of degree 7, within 8e-9 of it. Comparisons are of bits, since compilers may assume that no number is NaN.
 */
const POLYNOMIAL = `fn powers2(x: vec4f) -> vec4f {
  let bits = bitcast<vec4u>(x);
  let vanishes = (bits >= vec4u(0xc2fc0000u)) & (bits <= vec4u(0xff800000u));
  let overflows = (bits >= vec4u(0x43000000u)) & (bits <= vec4u(0x7f800000u));
  let bounded = select(select(x, vec4f(), vanishes), vec4f(128.0), overflows);
  let whole = round(bounded);
  let part = bounded - whole;
  var sum = vec4f(${taylor(7)[0]});
${taylor(7)
  .slice(1)
  .map((coefficient) => `  sum = fma(sum, part, vec4f(${coefficient}));`)
  .join("\n")}
  // In two factors, whose product may be infinite: the exponent of 2^128 is that of infinity.
  let exponent = clamp(vec4i(whole), vec4i(-126), vec4i(128));
  let half = exponent >> vec4u(1u);
  let power = sum * exactPowers2(half) * exactPowers2(exponent - half);
  return select(power, vec4f(), vanishes);
}
fn exactPowers2(exponent: vec4i) -> vec4f { return bitcast<vec4f>((exponent + vec4i(127)) << vec4u(23u)); }`;

/** Coefficients of the Taylor polynomial of 2^x about 0, the highest first: `ln(2)^n / n!`. */
function taylor(degree: number): string[] {
  const coefficients: number[] = [1];
  for (let n = 1; n <= degree; n++) coefficients.push((coefficients[n - 1] * Math.LN2) / n);
  return coefficients.reverse().map((one) => one.toPrecision(9));
}
