import { POOL_from, POOL_length, POOL_pixels, POOL_rows, POOL_to, POOL_width } from "./generated/layout";

/**
 * Keys or values that are the largest numbers of squares of 2 × 2 pixels of an image in raster order: one row of squares, of which each
 * slice has `rows`. An odd last row or column is left out. A square with what is not a number has none.
 */
export function poolKeys(pool: usize, unit: i32): void {
  const rows = load<i32>(pool, POOL_rows);
  const bytes: usize = <usize>load<i32>(pool, POOL_width) << 2;
  const pixels = load<i32>(pool, POOL_pixels);
  const line: usize = <usize>pixels * bytes;
  const slice: usize = <usize>(unit / rows);
  const row: usize = <usize>(unit % rows);
  const squares = pixels / 2;
  let from: usize = <usize>load<u32>(pool, POOL_from) + slice * <usize>load<i32>(pool, POOL_length) * bytes + 2 * row * line;
  let to: usize = <usize>load<u32>(pool, POOL_to) + <usize>unit * <usize>squares * bytes;
  for (let square = 0; square < squares; square++) {
    let i: usize = 0;
    for (; i + 16 <= bytes; i += 16) {
      const upper = f32x4.max(v128.load(from + i), v128.load(from + bytes + i));
      const lower = f32x4.max(v128.load(from + line + i), v128.load(from + line + bytes + i));
      v128.store(to + i, f32x4.max(upper, lower));
    }
    for (; i < bytes; i += 4) {
      const upper = max(load<f32>(from + i), load<f32>(from + bytes + i));
      const lower = max(load<f32>(from + line + i), load<f32>(from + line + bytes + i));
      store<f32>(to + i, max(upper, lower));
    }
    from += 2 * bytes;
    to += bytes;
  }
}
