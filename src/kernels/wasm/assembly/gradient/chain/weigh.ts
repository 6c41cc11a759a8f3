import { SCORE_ROW } from "../../generated/layout";
import { Lane } from "../../lane";
import { exp2 } from "../../softmax";
import { LEAST } from "../../weigh";

/**
 * Weights of rows and the gradients of their scores, `p (g - Σ p g / Σ p)` with `g = dout·v`. Where one key has all weight that is 0, and
 * no number of float32 times whatever rounds off: the sums are float64, and what the mean is rounded off by is kept.
 */

/**
 * Turns scores of `rows` rows into weights `2^(unit·(s - maximum))·factor`, which sum to about 1, by the maximum and the factor of each.
 * `columns` is a multiple of 8.
 */
export function weighRowsBack(lane: usize, rows: i32, scores: usize, columns: i32, unit: f32): void {
  const u = f32x4.splat(unit);
  for (let r = 0; r < rows; r++) {
    const at: usize = <usize>r << 2;
    const m = f32x4.splat(max(LEAST, load<f32>(Lane.maximum(lane) + at)));
    const f = f32x4.splat(load<f32>(Lane.total(lane) + at));
    const row = scores + <usize>r * SCORE_ROW;
    for (let i: usize = 0; i < <usize>columns << 2; i += 32) {
      const a = f32x4.mul(exp2(f32x4.mul(f32x4.sub(v128.load(row + i, 0), m), u)), f);
      const b = f32x4.mul(exp2(f32x4.mul(f32x4.sub(v128.load(row + i, 16), m), u)), f);
      v128.store(row + i, a, 0);
      v128.store(row + i, b, 16);
    }
  }
}

/** Makes products 0 where weights are, whatever they are. */
export function hideUnweighed(rows: i32, scores: usize, products: usize, columns: i32): void {
  const zero = f32x4.splat(0);
  for (let r = 0; r < rows; r++) {
    const at: usize = <usize>r * SCORE_ROW;
    for (let i: usize = at; i < at + (<usize>columns << 2); i += 16) {
      v128.store(products + i, v128.and(v128.load(products + i), f32x4.ne(v128.load(scores + i), zero)));
    }
  }
}

/** Adds `Σ p g` and `Σ p` over `count` columns to the sums of rows, two f64 a row. */
export function addPairSums(rows: i32, scores: usize, products: usize, count: i32, sums: usize): void {
  for (let r = 0; r < rows; r++) {
    const weights = scores + <usize>r * SCORE_ROW, slopes = products + <usize>r * SCORE_ROW;
    let ofSlopes = f64x2.splat(0), ofWeights = f64x2.splat(0);
    let c = 0;
    for (; c + 4 <= count; c += 4) {
      const p = v128.load(weights + (<usize>c << 2)), g = v128.load(slopes + (<usize>c << 2));
      const p0 = f64x2.promote_low_f32x4(p), p1 = f64x2.promote_low_f32x4(v128.shuffle<f32>(p, p, 2, 3, 2, 3));
      const g0 = f64x2.promote_low_f32x4(g), g1 = f64x2.promote_low_f32x4(v128.shuffle<f32>(g, g, 2, 3, 2, 3));
      ofSlopes = f64x2.add(ofSlopes, f64x2.add(f64x2.mul(p0, g0), f64x2.mul(p1, g1)));
      ofWeights = f64x2.add(ofWeights, f64x2.add(p0, p1));
    }
    let a = f64x2.extract_lane(ofSlopes, 0) + f64x2.extract_lane(ofSlopes, 1);
    let b = f64x2.extract_lane(ofWeights, 0) + f64x2.extract_lane(ofWeights, 1);
    for (; c < count; c++) {
      const p = <f64>load<f32>(weights + (<usize>c << 2));
      a += p * <f64>load<f32>(slopes + (<usize>c << 2));
      b += p;
    }
    const to = sums + (<usize>r << 4);
    store<f64>(to, load<f64>(to, 0) + a, 0);
    store<f64>(to, load<f64>(to, 8) + b, 8);
  }
}

/** What is known of a row's pairs, three f32 from `to` on: the mean, what that is rounded off by, and what makes the weights sum to 1. */
@inline
export function storeMean(sums: usize, more: f32, to: usize): void {
  const weights = load<f64>(sums, 8);
  const exact = (weights == 0 ? 0 : load<f64>(sums, 0) / weights) + <f64>more;
  store<f32>(to, <f32>exact, 0);
  store<f32>(to, <f32>(exact - <f64><f32>exact), 4);
  store<f32>(to, weights == 0 ? 0 : <f32>(1 / weights), 8);
}

/** Floats of a row of means, whole vectors. */
export const MEAN_BYTES: usize = 16;

/** Weights that sum to 1, and `p (g - mean)` in the place of `g`, of `rows` rows. `columns` is a multiple of 8. */
export function slopesOf(means: usize, rows: i32, scores: usize, products: usize, columns: i32): void {
  for (let r = 0; r < rows; r++) {
    const mean = v128.load32_splat(means, 0), rest = v128.load32_splat(means, 4), share = v128.load32_splat(means, 8);
    means += MEAN_BYTES;
    const weights = scores + <usize>r * SCORE_ROW, slopes = products + <usize>r * SCORE_ROW;
    for (let i: usize = 0; i < <usize>columns << 2; i += 32) {
      const p0 = f32x4.mul(v128.load(weights + i, 0), share), p1 = f32x4.mul(v128.load(weights + i, 16), share);
      const a = f32x4.mul(p0, f32x4.sub(f32x4.sub(v128.load(slopes + i, 0), mean), rest));
      const b = f32x4.mul(p1, f32x4.sub(f32x4.sub(v128.load(slopes + i, 16), mean), rest));
      v128.store(weights + i, p0, 0);
      v128.store(weights + i, p1, 16);
      v128.store(slopes + i, a, 0);
      v128.store(slopes + i, b, 16);
    }
  }
}
