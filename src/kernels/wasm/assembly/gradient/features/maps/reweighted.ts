import { QUERY_ROW } from "../../../generated/layout";
import { whereAbove } from "./elementwise";

/** Slopes of `count` rows of d numbers by those of relu(x) times the cosine and the sine of each row's angle; halves as in the map. */
export function reweightedBack(
  from: usize, slopes: usize, count: i32, d: i32, angles: usize, first: i32, end: i32, to: usize,
): void {
  const bytes: usize = <usize>d << 2;
  for (let r = 0; r < count; r++) {
    const by = v128.load32_splat(angles + (<usize>first << 2));
    if (end - first == 1) {
      for (let i: usize = 0; i < bytes; i += 16) {
        v128.store(to + i, whereAbove(v128.load(from + i), f32x4.mul(v128.load(slopes + i), by)));
      }
    } else {
      const sine = v128.load32_splat(angles, 4);
      for (let i: usize = 0; i < bytes; i += 16) {
        const both = f32x4.add(f32x4.mul(v128.load(slopes + i), by), f32x4.mul(v128.load(slopes + bytes + i), sine));
        v128.store(to + i, whereAbove(v128.load(from + i), both));
      }
    }
    angles += 8;
    from += bytes;
    slopes += QUERY_ROW;
    to += QUERY_ROW;
  }
}
