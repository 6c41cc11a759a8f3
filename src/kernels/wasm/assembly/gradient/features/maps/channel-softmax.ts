import { dotRows } from "../../../dot-rows";
import { QUERY_ROW } from "../../../generated/layout";

/**
 * Slopes g of `count` rows of d numbers by those of softmax over channels s, `s ⊙ (g - s·g)`, less those of the softmax of their
 * negatives; halves as in the map.
 */
export function channelSoftmaxBack(features: usize, slopes: usize, count: i32, d: i32, first: i32, end: i32, to: usize): void {
  const bytes: usize = <usize>d << 2;
  for (let r = 0; r < count; r++) {
    let s = features, g = slopes;
    for (let half = first; half < end; half++) {
      // The mean waits behind the row.
      dotRows(s, QUERY_ROW, 1, g, d, to + QUERY_ROW - 4, QUERY_ROW);
      const mean = v128.load32_splat(to + QUERY_ROW - 4);
      const begins = half == first;
      for (let i: usize = 0; i < bytes; i += 16) {
        const slope = f32x4.mul(v128.load(s + i), f32x4.sub(v128.load(g + i), mean));
        const signed = half == 0 ? slope : f32x4.neg(slope);
        v128.store(to + i, begins ? signed : f32x4.add(v128.load(to + i), signed));
      }
      s += bytes;
      g += bytes;
    }
    features += QUERY_ROW;
    slopes += QUERY_ROW;
    to += QUERY_ROW;
  }
}
