import { exp } from "../exp";
import { QUERY_ROW } from "../generated/layout";

/** exp of anything less is 0. */
const LEAST_EXPONENT: f32 = -100;

/**
 * φ of `count` consecutive rows of d numbers, into rows `QUERY_ROW` bytes apart, filled up with 0 to a multiple of 8: x + 1
 * where x ≥ 0, exp(x) elsewhere, so that nothing cancels.
 */
export function linearUnits(from: usize, count: i32, d: i32, to: usize): void {
  const bytes: usize = <usize>d << 2;
  for (let r = 0; r < count; r++) {
    for (let i: usize = 0; i < bytes; i += 32) {
      const a = phi(v128.load(from + i, 0));
      const b = phi(v128.load(from + i, 16));
      v128.store(to + i, a, 0);
      v128.store(to + i, b, 16);
    }
    clearRest(to, d);
    from += bytes;
    to += QUERY_ROW;
  }
}

@inline
function phi(x: v128): v128 {
  const zero = f32x4.splat(0);
  const low = f32x4.pmax(f32x4.pmin(x, zero), f32x4.splat(LEAST_EXPONENT));
  // At most one of the two terms is not its own identity: exp(0) = 1 above zero, max(x, 0) = 0 below.
  return f32x4.add(exp(low), f32x4.pmax(x, zero));
}

/** The same with max(x, 0). */
export function rectified(from: usize, count: i32, d: i32, to: usize): void {
  const bytes: usize = <usize>d << 2;
  for (let r = 0; r < count; r++) {
    for (let i: usize = 0; i < bytes; i += 32) {
      const a = positive(v128.load(from + i, 0));
      const b = positive(v128.load(from + i, 16));
      v128.store(to + i, a, 0);
      v128.store(to + i, b, 16);
    }
    clearRest(to, d);
    from += bytes;
    to += QUERY_ROW;
  }
}

/** max(x, 0); NaN of NaN. */
@inline
export function positive(x: v128): v128 { return f32x4.pmax(x, f32x4.splat(0)); }

/** Fills a row of `count` numbers up with 0 to a multiple of 8. */
@inline
export function clearRest(row: usize, count: i32): void {
  for (let i = count; (i & 7) != 0; i++) store<f32>(row + (<usize>i << 2), 0);
}
