import { QUERY_ROW } from "../../../generated/layout";
import { twice } from "../../../maps/rolled";

/**
 * Slopes of `count` rows of d numbers by those of features `first … end-1` of DPFP: a product of two numbers of `[relu(x), relu(-x)]`
 * adds to the slopes of both. `scratch` has room for 8·d numbers and 16 more: those numbers twice, as the map has them, and their
 * slopes in the same places.
 */
export function rolledBack(from: usize, slopes: usize, count: i32, d: i32, first: i32, end: i32, scratch: usize, to: usize): void {
  const bytes: usize = <usize>d << 2;
  const around = 2 * d;
  const sums = scratch + 4 * bytes + 32;
  for (let r = 0; r < count; r++) {
    twice(from, bytes, scratch);
    clear(sums, 4 * bytes);
    let slope = slopes;
    for (let f = first; f < end; ) {
      const i = f % around;
      const here = min(around - i, end - f);
      const one: usize = <usize>i << 2;
      const other: usize = one + (<usize>((f / around + 1) % around) << 2);
      addProducts(slope, scratch + other, here, sums + one);
      addProducts(slope, scratch + one, here, sums + other);
      slope += <usize>here << 2;
      f += here;
    }
    join(from, bytes, sums, to);
    from += bytes;
    slopes += QUERY_ROW;
    to += QUERY_ROW;
  }
}

/** What both places of a number add up to: of x above 0 the first half's, of x below 0 less the second half's. */
@inline
function join(from: usize, bytes: usize, sums: usize, to: usize): void {
  const zero = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const x = v128.load(from + i);
    const above = f32x4.add(v128.load(sums + i), v128.load(sums + 2 * bytes + i));
    const below = f32x4.add(v128.load(sums + bytes + i), v128.load(sums + 3 * bytes + i));
    v128.store(to + i, f32x4.sub(v128.and(above, f32x4.gt(x, zero)), v128.and(below, f32x4.lt(x, zero))));
  }
}

/** Clears a multiple of 16 bytes, or a little more. */
@inline
function clear(at: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) v128.store(at + i, f32x4.splat(0));
}

/** Adds products of `count` numbers. */
@inline
function addProducts(a: usize, b: usize, count: i32, to: usize): void {
  const bytes: usize = <usize>count << 2;
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) {
    v128.store(to + i, f32x4.add(v128.load(to + i), f32x4.mul(v128.load(a + i), v128.load(b + i))));
  }
  for (; i < bytes; i += 4) store<f32>(to + i, load<f32>(to + i) + load<f32>(a + i) * load<f32>(b + i));
}
