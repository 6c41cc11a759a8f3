import { QUERY_ROW } from "../../../generated/layout";

/** Slopes of `count` rows of d numbers by those of elu(x) + 1, whose derivative is that feature below 1, and 1 above. */
export function linearUnitsBack(features: usize, slopes: usize, count: i32, d: i32, to: usize): void {
  const one = f32x4.splat(1);
  for (let r = 0; r < count; r++) {
    for (let i: usize = 0; i < <usize>d << 2; i += 32) {
      const a = f32x4.mul(v128.load(slopes + i, 0), f32x4.pmin(v128.load(features + i, 0), one));
      const b = f32x4.mul(v128.load(slopes + i, 16), f32x4.pmin(v128.load(features + i, 16), one));
      v128.store(to + i, a, 0);
      v128.store(to + i, b, 16);
    }
    features += QUERY_ROW;
    slopes += QUERY_ROW;
    to += QUERY_ROW;
  }
}

/** The same of max(x, 0): where the feature is 0 there is no slope. */
export function rectifiedBack(features: usize, slopes: usize, count: i32, d: i32, to: usize): void {
  for (let r = 0; r < count; r++) {
    for (let i: usize = 0; i < <usize>d << 2; i += 32) {
      const a = whereAbove(v128.load(features + i, 0), v128.load(slopes + i, 0));
      const b = whereAbove(v128.load(features + i, 16), v128.load(slopes + i, 16));
      v128.store(to + i, a, 0);
      v128.store(to + i, b, 16);
    }
    features += QUERY_ROW;
    slopes += QUERY_ROW;
    to += QUERY_ROW;
  }
}

/** A slope where x is above 0, else 0. */
@inline
export function whereAbove(x: v128, slope: v128): v128 { return v128.and(slope, f32x4.gt(x, f32x4.splat(0))); }
