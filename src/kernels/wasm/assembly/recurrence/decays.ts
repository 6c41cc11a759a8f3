import { multiplyAdd } from "../generated/micro";

const LOG2_E: f32 = 1.4426950408889634;
/** ln 2 in two parts, of which the first has few digits. */
const LN_2: f32 = 0.693145751953125;
const LN_2_REST: f32 = 1.42860682030941723212e-6;
/** Rounds a number to an integer when it is added, and leaves that, and 127, in the low bits. */
const SHIFT: f32 = 12583039;
/** ln α of anything less is taken for 0: α is no longer a normal number. */
const LEAST: f32 = -87;
/** From here on α is nearer to 1 than to 0. */
const HALF: f32 = -0.6875;

/** 2^n of g, n the integer next to g / ln 2. */
@inline
function power(g: v128): v128 {
  return i32x4.shl(f32x4.add(f32x4.mul(g, f32x4.splat(LOG2_E)), f32x4.splat(SHIFT)), 23);
}

/** e^r - 1 of what is then left, at most half of ln 2: seven terms, relative error under 1e-8 before rounding. */
@inline
function restOfPower(g: v128): v128 {
  const n = f32x4.sub(f32x4.add(f32x4.mul(g, f32x4.splat(LOG2_E)), f32x4.splat(SHIFT)), f32x4.splat(SHIFT));
  const r = f32x4.sub(f32x4.sub(g, f32x4.mul(n, f32x4.splat(LN_2))), f32x4.mul(n, f32x4.splat(LN_2_REST)));
  let p = f32x4.splat(1.9841270e-4);
  p = multiplyAdd(p, r, f32x4.splat(1.3888889e-3));
  p = multiplyAdd(p, r, f32x4.splat(8.3333333e-3));
  p = multiplyAdd(p, r, f32x4.splat(4.1666667e-2));
  p = multiplyAdd(p, r, f32x4.splat(0.16666667));
  p = multiplyAdd(p, r, f32x4.splat(0.5));
  return multiplyAdd(f32x4.mul(r, r), p, r);
}

/** α = e^g of g ≤ 0: 1 of 0, 0 of anything below -87, NaN of NaN. What is off has no side, so that a product of many does not drift. */
@inline
function decay(g: v128): v128 {
  const bounded = f32x4.pmax(g, f32x4.splat(LEAST));
  const s = power(bounded);
  return v128.andnot(multiplyAdd(s, restOfPower(bounded), s), f32x4.lt(g, f32x4.splat(LEAST)));
}

/** α - 1 where α is nearer to 1, and otherwise α. */
@inline
function decayRest(g: v128): v128 {
  const bounded = f32x4.pmax(g, f32x4.splat(LEAST));
  const s = power(bounded);
  const less = multiplyAdd(s, restOfPower(bounded), f32x4.sub(s, f32x4.splat(1)));
  return v128.bitselect(less, decay(g), f32x4.gt(g, f32x4.splat(HALF)));
}

/** α of `count` logarithms, a multiple of 8; it may be their own place. */
export function decaysOf(logs: usize, count: i32, to: usize): void {
  for (let i: usize = 0; i < <usize>count << 2; i += 32) {
    const a = decay(v128.load(logs + i, 0));
    const b = decay(v128.load(logs + i, 16));
    v128.store(to + i, a, 0);
    v128.store(to + i, b, 16);
  }
}

/**
 * The same as a sum, 1 or 0 and what is left: α itself loses digits of 1 - α, on which it depends how long a state lasts. Not for
 * what may be infinite.
 */
export function decayPairsOf(logs: usize, count: i32, keep: usize, rest: usize): void {
  const one = f32x4.splat(1);
  for (let i: usize = 0; i < <usize>count << 2; i += 32) {
    const a = decayRest(v128.load(logs + i, 0));
    const b = decayRest(v128.load(logs + i, 16));
    const c = v128.and(f32x4.gt(v128.load(logs + i, 0), f32x4.splat(HALF)), one);
    const e = v128.and(f32x4.gt(v128.load(logs + i, 16), f32x4.splat(HALF)), one);
    v128.store(rest + i, a, 0);
    v128.store(rest + i, b, 16);
    v128.store(keep + i, c, 0);
    v128.store(keep + i, e, 16);
  }
}
