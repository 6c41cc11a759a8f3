import { exp } from "./exp";
import { PANEL_KEYS } from "./generated/layout";

/**
 * `tanh(q + k) = 1 - 2 / (1 + e^2q e^2k)`: with the powers of queries and of keys made once each, a pair needs no tanh of its own.
 * That holds while no product overflows, and is as exact as a float32 sum of tanh. Where a number is larger than the call's limit,
 * its row is marked, and its pairs take tanh itself.
 */

/** e^2x of a row of `count` numbers. Returns whether any is not within `limit`, NaN included: what is written is then of no use. */
export function powersOfRow(from: usize, count: i32, limit: f32, to: usize): bool {
  const most = f32x4.splat(limit);
  let beyond = v128.xor(most, most);
  let i: usize = 0;
  for (; i + 16 <= <usize>count << 2; i += 16) {
    const x = v128.load(from + i);
    beyond = v128.or(beyond, notWithin(x, most));
    v128.store(to + i, powers(x));
  }
  for (; i < <usize>count << 2; i += 4) {
    const x = v128.load32_splat(from + i);
    beyond = v128.or(beyond, notWithin(x, most));
    v128.store32_lane(to + i, powers(x), 0);
  }
  return v128.any_true(beyond);
}

/**
 * The same of a panel of keys, `[d, PANEL_KEYS]`. What is behind the powers says for each key whether it is beyond the limit, in
 * all bits.
 */
export function powersOfPanel(from: usize, d: i32, limit: f32, to: usize): void {
  const most = f32x4.splat(limit);
  const marks: usize = to + (<usize>(d * PANEL_KEYS) << 2);
  for (let column: usize = 0; column < <usize>PANEL_KEYS << 2; column += 32) {
    let beyond0 = v128.xor(most, most), beyond1 = beyond0;
    let at = column;
    for (let channel = 0; channel < d; channel++) {
      const x0 = v128.load(from + at, 0), x1 = v128.load(from + at, 16);
      beyond0 = v128.or(beyond0, notWithin(x0, most));
      beyond1 = v128.or(beyond1, notWithin(x1, most));
      const y0 = powers(x0), y1 = powers(x1);
      v128.store(to + at, y0, 0);
      v128.store(to + at, y1, 16);
      at += PANEL_KEYS << 2;
    }
    v128.store(marks + column, beyond0, 0);
    v128.store(marks + column, beyond1, 16);
  }
}

@inline
function notWithin(x: v128, most: v128): v128 { return v128.not(f32x4.le(f32x4.abs(x), most)); }

/** Numbers beyond every limit are cut off. */
@inline
function powers(x: v128): v128 {
  const twice = f32x4.add(x, x);
  return exp(f32x4.pmin(f32x4.pmax(twice, f32x4.splat(-24)), f32x4.splat(24)));
}
