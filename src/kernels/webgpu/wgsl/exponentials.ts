import { EXP2, NOT_FINITE } from "./transcendental.ts";

/**
 * In WGSL: `exp2_4(x)`, powers of 2 of four numbers, and `exp2_1(x)` of one: by the device's own `exp2` where
 * that is exact enough, as `hasExactPowers` finds out, and by a polynomial otherwise. They are 0 from about -126
 * down, and NaN of NaN.
 */
export function exponentialsText(builtIn: boolean): string {
  return `${NOT_FINITE}
${builtIn ? BUILT_IN : EXP2}
fn exp2_1(x: f32) -> f32 { return exp2_4(vec4f(x)).x; }`;
}

/** To some devices the power of NaN is infinity. */
const BUILT_IN = "fn exp2_4(x: vec4f) -> vec4f { return select(exp2(x), x, nan4(x)); }";
