import { QUERY_ROW } from "../generated/layout";
import { clearRest } from "./elementwise";

/**
 * Features `first … end-1` of `[r ⊙ roll(r, 1), r ⊙ roll(r, 2), …]`, `r = [relu(x), relu(-x)]`, of `count` rows of d numbers: DPFP.
 * `scratch` has room for 4·d numbers and 8 more: r twice, so that a rolled r lies side by side. Products are in another order than
 * the definition's, r_i r_(i+s) for r_i r_(i-s), which no sum over features sees.
 */
export function rolled(from: usize, count: i32, d: i32, first: i32, end: i32, scratch: usize, to: usize): void {
  const bytes: usize = <usize>d << 2;
  const around = 2 * d;
  for (let r = 0; r < count; r++) {
    twice(from, bytes, scratch);
    let at = to;
    for (let f = first; f < end; ) {
      const i = f % around;
      const here = min(around - i, end - f);
      const a = scratch + (<usize>i << 2);
      multiply(a, a + (<usize>((f / around + 1) % around) << 2), here, at);
      at += <usize>here << 2;
      f += here;
    }
    clearRest(to, end - first);
    from += bytes;
    to += QUERY_ROW;
  }
}

/** `[relu(x), relu(-x)]`, and the same again. What each part writes beyond its end the next one writes over. */
@inline
export function twice(from: usize, bytes: usize, to: usize): void {
  const zero = f32x4.splat(0);
  for (let part: usize = 0; part < 4; part++) {
    const at = to + part * bytes;
    for (let i: usize = 0; i < bytes; i += 16) {
      const x = v128.load(from + i);
      v128.store(at + i, f32x4.pmax((part & 1) == 0 ? x : f32x4.neg(x), zero));
    }
  }
}

/** Products of `count` numbers. May write up to 28 bytes beyond them. */
@inline
function multiply(a: usize, b: usize, count: i32, to: usize): void {
  for (let i: usize = 0; i < <usize>count << 2; i += 32) {
    const x = f32x4.mul(v128.load(a + i, 0), v128.load(b + i, 0));
    const y = f32x4.mul(v128.load(a + i, 16), v128.load(b + i, 16));
    v128.store(to + i, x, 0);
    v128.store(to + i, y, 16);
  }
}
