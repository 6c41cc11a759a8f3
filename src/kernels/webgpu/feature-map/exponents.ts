/** The exponent of a sum that no key is in: its powers are 0. */
export const NOTHING = -4_194_304;

/**
 * Exponents of features in WGSL: `NOTHING`, and `numbers4(x)`, which has it in the place of NaN.
 * `power_by4(x, m)` is 2^(x + m) for whole numbers m, of which nothing is rounded but the power of x's
 * fraction: whatever m is, bits differ in their exponent alone, so that rows do not depend on which keys
 * share an m with theirs. Needs `EXP2`.
 */
export const EXPONENTS = `
const NOTHING = ${NOTHING}.0;
const MOST_EXPONENT = ${-NOTHING / 2}.0;
fn numbers4(x: vec4f) -> vec4f { return select(x, vec4f(NOTHING), nan4(x)); }
fn held_exponent4(x: vec4f) -> vec4f { return clamp(x, vec4f(-MOST_EXPONENT), vec4f(MOST_EXPONENT)); }
fn power_by4(x: vec4f, m: vec4f) -> vec4f {
  let held = held_exponent4(x);
  let whole = round(held);
  return select(fraction_power_4(held - whole) * power_of_two(vec4i(whole) + vec4i(m)), x, nan4(x));
}`;

/**
 * By how many powers of 2 a key of a tile may exceed those that a row of it has seen, for products of
 * features to be exact.
 */
export const REACH = 60;
