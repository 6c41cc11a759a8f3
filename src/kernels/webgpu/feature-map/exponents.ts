/** The exponent of a sum that no key is in: its powers are 0. */
export const NOTHING = -4_194_304;

/** Exponents of features in WGSL: `NOTHING`, and `numbers4(x)`, which has it in the place of NaN. Needs `NOT_FINITE`. */
export const EXPONENTS = `
const NOTHING = ${NOTHING}.0;
fn numbers4(x: vec4f) -> vec4f { return select(x, vec4f(NOTHING), nan4(x)); }`;

/** By how many powers of 2 a key of a tile may exceed those that a row of it has seen, for products of features to be exact. */
export const REACH = 60;
