import { EXP, EXP2, NOT_FINITE } from "../wgsl/transcendental.ts";

/**
 * Functions that gates are made by, to float32's accuracy: `softplus_4(x)` is ln(1 + e^x), also where that is
 * small, and `logistic_4(x)` is 1 / (1 + e^-x). NaN of NaN.
 */
export const GATE_FUNCTIONS = `${NOT_FINITE}
${EXP2}
${EXP}
fn log1p_4(u: vec4f) -> vec4f {
  // 2 atanh(u / (2 + u)), for u from 0 to 1.
  let s = u / (u + 2.0);
  let z = s * s;
  var p = fma(z, vec4f(0.23224328458309174), vec4f(0.21706576645374298));
  p = fma(z, p, vec4f(0.285923570394516));
  p = fma(z, p, vec4f(0.3999970555305481));
  p = fma(z, p, vec4f(0.6666666865348816));
  return fma(s * z, p, 2.0 * s);
}
fn softplus_4(x: vec4f) -> vec4f {
  let isNegative = (bitcast<vec4u>(x) >> vec4u(31u)) == vec4u(1u);
  return select(x, vec4f(), isNegative) + log1p_4(exp_4(-abs(x)));
}
fn logistic_4(x: vec4f) -> vec4f {
  let isNegative = (bitcast<vec4u>(x) >> vec4u(31u)) == vec4u(1u);
  let power = exp_4(-abs(x));
  return select(vec4f(1.0), power, isNegative) / (1.0 + power);
}`;
