import { QUERY_ROW } from "../generated/layout";
import { clearRest, positive } from "./elementwise";

/**
 * relu of `count` rows of d numbers times the cosine of each row's angle, then times its sine: cosFormer. `angles` are those of the
 * first row. Of a panel that holds one half, `first` and `end` say which: 0 to 1 the cosines, 1 to 2 the sines.
 */
export function reweighted(from: usize, count: i32, d: i32, angles: usize, first: i32, end: i32, to: usize): void {
  const bytes: usize = <usize>d << 2;
  for (let r = 0; r < count; r++) {
    let at = to;
    for (let half = first; half < end; half++) {
      // What a row writes beyond its end the next half writes over.
      const factor = v128.load32_splat(angles + (<usize>half << 2));
      for (let i: usize = 0; i < bytes; i += 32) {
        const a = f32x4.mul(positive(v128.load(from + i, 0)), factor);
        const b = f32x4.mul(positive(v128.load(from + i, 16)), factor);
        v128.store(at + i, a, 0);
        v128.store(at + i, b, 16);
      }
      at += bytes;
    }
    clearRest(to, d * (end - first));
    angles += 8;
    from += bytes;
    to += QUERY_ROW;
  }
}
