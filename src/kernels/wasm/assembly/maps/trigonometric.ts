import { Call } from "../call";
import { QUERY_ROW } from "../generated/layout";
import { multiplyAdd } from "../generated/micro";
import { clearRest } from "./elementwise";
import { project } from "./project";

/** `x / √(|x|² + 1e-6)` of `count` rows of d numbers, into rows `QUERY_ROW` bytes apart. */
export function unitRows(from: usize, count: i32, d: i32, to: usize): void {
  const bytes: usize = <usize>d << 2;
  for (let r = 0; r < count; r++) {
    const factor = f32x4.splat(1 / sqrt<f32>(squares(from, d) + 1e-6));
    for (let i: usize = 0; i < bytes; i += 16) v128.store(to + i, f32x4.mul(v128.load(from + i), factor));
    from += bytes;
    to += QUERY_ROW;
  }
}

/** `Σ x²` of d numbers. */
export function squares(from: usize, d: i32): f32 {
  let a = f32x4.splat(0), b = f32x4.splat(0);
  let i: usize = 0;
  for (; i + 32 <= <usize>d << 2; i += 32) {
    const x = v128.load(from + i, 0), y = v128.load(from + i, 16);
    a = f32x4.add(a, f32x4.mul(x, x));
    b = f32x4.add(b, f32x4.mul(y, y));
  }
  const s = f32x4.add(a, b);
  let sum = (f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 1)) + (f32x4.extract_lane(s, 2) + f32x4.extract_lane(s, 3));
  for (; i < <usize>d << 2; i += 4) sum += load<f32>(from + i) * load<f32>(from + i);
  return sum;
}

/**
 * Sines, then cosines, of the products of unit rows with rows `first … end-1` of W. Their common factor D^-½ is in ε: a row is
 * divided by sums of the same features.
 */
export function trigonometric(call: usize, rows: usize, count: i32, first: i32, end: i32, to: usize): void {
  const n = end - first;
  const sines = to;
  // Products lie behind the sines: what either loop writes it has read before.
  const products: usize = (<usize>n + 7 & ~7) << 2;
  project(call, rows, count, first, n, to + products);
  for (let r: usize = 0; r < <usize>count; r++) {
    const row = sines + r * QUERY_ROW;
    const angles = row + products;
    const cosines = row + (<usize>n << 2);
    for (let i: usize = 0; i < <usize>n << 2; i += 32) {
      const a = sine(v128.load(angles + i, 0), 0);
      const b = sine(v128.load(angles + i, 16), 0);
      v128.store(row + i, a, 0);
      v128.store(row + i, b, 16);
    }
    for (let i: usize = 0; i < <usize>n << 2; i += 32) {
      const a = sine(v128.load(angles + i, 0), 1);
      const b = sine(v128.load(angles + i, 16), 1);
      v128.store(cosines + i, a, 0);
      v128.store(cosines + i, b, 16);
    }
    clearRest(row, 2 * n);
  }
}

/**
 * sin(x + quarters·π/2) in every lane. x less a multiple of π/2 in three parts (Cody and Waite), exact to float32 up to |x| of
 * 10⁴; then the polynomials of Cephes' sinf and cosf on [-π/4, π/4].
 */
@inline
function sine(x: v128, quarters: i32): v128 {
  // Rounds to an integer, whose low bits are those of the number.
  const shifted = multiplyAdd(x, f32x4.splat(0.6366197723675814), f32x4.splat(12582912));
  const n = f32x4.sub(shifted, f32x4.splat(12582912));
  let f = f32x4.sub(x, f32x4.mul(n, f32x4.splat(1.5703125)));
  f = f32x4.sub(f, f32x4.mul(n, f32x4.splat(4.837512969970703e-4)));
  f = f32x4.sub(f, f32x4.mul(n, f32x4.splat(7.549789954891882e-8)));
  const s = f32x4.mul(f, f);
  let p = multiplyAdd(s, f32x4.splat(-1.9515295891e-4), f32x4.splat(8.3321608736e-3));
  p = multiplyAdd(p, s, f32x4.splat(-1.6666654611e-1));
  p = multiplyAdd(f32x4.mul(p, s), f, f);
  let c = multiplyAdd(s, f32x4.splat(2.443315711809948e-5), f32x4.splat(-1.388731625493765e-3));
  c = multiplyAdd(c, s, f32x4.splat(4.166664568298827e-2));
  c = multiplyAdd(c, s, f32x4.splat(-0.5));
  c = multiplyAdd(c, s, f32x4.splat(1));
  const quarter = i32x4.add(shifted, i32x4.splat(quarters));
  const odd = i32x4.shr_s(i32x4.shl(quarter, 31), 31);
  const sign = i32x4.shl(i32x4.shr_u(quarter, 1), 31);
  return v128.xor(v128.bitselect(c, p, odd), sign);
}
