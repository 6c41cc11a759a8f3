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
    memory.fill(sums, 0, 4 * bytes);
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
    const negative: usize = bytes;
    for (let i: usize = 0; i < bytes; i += 4) {
      const x = load<f32>(from + i);
      const above: f32 = load<f32>(sums + i) + load<f32>(sums + 2 * bytes + i);
      const below: f32 = load<f32>(sums + negative + i) + load<f32>(sums + 2 * bytes + negative + i);
      store<f32>(to + i, x > 0 ? above : x < 0 ? -below : 0);
    }
    from += bytes;
    slopes += QUERY_ROW;
    to += QUERY_ROW;
  }
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
