import { Call } from "../../../call";
import { dotRows } from "../../../dot-rows";
import { PANEL_KEYS, PANEL_QUERIES, QUERY_ROW } from "../../../generated/layout";
import { scoresTile } from "../../../generated/micro";
import { squares } from "../../../maps/trigonometric";

/**
 * Slopes of `count` rows of d numbers by those of the sines and cosines of their products with rows `first … end-1` of W, `units`
 * being the rows brought to length 1. Slopes of the products take the place of those of the sines.
 */
export function trigonometricBack(
  call: usize, from: usize, units: usize, features: usize, slopes: usize, count: i32, first: i32, end: i32, to: usize,
): void {
  const d = Call.d(call);
  const n = end - first;
  const bytes: usize = <usize>n << 2;
  for (let r: usize = 0; r < <usize>count; r++) {
    const sines = features + r * QUERY_ROW;
    const row = slopes + r * QUERY_ROW;
    let i: usize = 0;
    for (; i + 16 <= bytes; i += 16) {
      const up = f32x4.mul(v128.load(row + i), v128.load(sines + bytes + i));
      v128.store(row + i, f32x4.sub(up, f32x4.mul(v128.load(row + bytes + i), v128.load(sines + i))));
    }
    for (; i < bytes; i += 4) {
      const up = load<f32>(row + i) * load<f32>(sines + bytes + i);
      store<f32>(row + i, up - load<f32>(row + bytes + i) * load<f32>(sines + i));
    }
  }
  multiplyWeights(call, slopes, count, first, n, to);
  for (let r = 0; r < count; r++) {
    unitBack(units, 1 / sqrt<f32>(squares(from, d) + 1e-6), d, to);
    from += <usize>d << 2;
    units += QUERY_ROW;
    to += QUERY_ROW;
  }
}

/** Products of `count` rows of n numbers with rows `first …` of the call's weights, summed. Up to a panel of columns more is written. */
export function multiplyWeights(call: usize, rows: usize, count: i32, first: i32, n: i32, to: usize): void {
  const bytes: usize = <usize>Call.d(call) << 2;
  const weights = Call.mapWeights(call) + <usize>first * bytes;
  for (let r = 0; r < count; r += PANEL_QUERIES) {
    const at: usize = <usize>r * QUERY_ROW;
    for (let i: usize = 0; i < bytes; i += PANEL_KEYS << 2) {
      scoresTile(count - r, rows + at, weights + i, bytes, to + at + i, QUERY_ROW, n);
    }
  }
}

/** From the slope of a row brought to length 1 to that of the row, which was multiplied by `factor`. */
function unitBack(unit: usize, factor: f32, d: i32, row: usize): void {
  dotRows(unit, QUERY_ROW, 1, row, d, row + QUERY_ROW - 4, QUERY_ROW);
  const along = v128.load32_splat(row + QUERY_ROW - 4);
  const by = f32x4.splat(factor);
  for (let i: usize = 0; i < <usize>d << 2; i += 16) {
    const apart = f32x4.sub(v128.load(row + i), f32x4.mul(v128.load(unit + i), along));
    v128.store(row + i, f32x4.mul(apart, by));
  }
}
