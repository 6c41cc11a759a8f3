import { Call } from "../call";
import { NORMALISER_relu, NORMALISER_softmax, PANEL_QUERIES, SCORE_ROW } from "../generated/layout";
import { Lane } from "../lane";
import { exp2 } from "../softmax";
import { LEAST } from "../weigh";

/**
 * Turns the scores of a panel of queries, which begins with row `first`, into weights, and the products of dout and values, `gap`
 * bytes further on, into the gradients of logits. `columns` is a multiple of 8. With `masked`, pairs whose score is -∞ have a
 * gradient of 0, whatever their product is.
 */
export function weighGradients(call: usize, lane: usize, first: i32, scores: usize, gap: usize, columns: i32, masked: bool): void {
  const normaliser = Call.normaliser(call);
  for (let r = 0; r < PANEL_QUERIES; r++) {
    const row = scores + <usize>r * SCORE_ROW;
    const at: usize = <usize>(first + r) << 2;
    if (normaliser == NORMALISER_softmax) {
      const maximum = max(LEAST, load<f32>(Lane.maximum(lane) + at));
      const factor = load<f32>(Lane.total(lane) + at), mean = load<f32>(Lane.means(lane) + at);
      if (masked) softmaxRow(row, gap, columns, maximum, factor, mean, true);
      else softmaxRow(row, gap, columns, maximum, factor, mean, false);
    } else if (normaliser == NORMALISER_relu) reluRow(row, gap, columns, load<f32>(Lane.total(lane) + at));
    else sigmoidRow(row, gap, columns, load<f32>(Lane.total(lane) + at));
  }
}

/** `p = 2^(s - maximum) · factor`, and `p (dp - mean)`. Inlined, for vectors that are parameters are never fused. */
@inline
function softmaxRow(row: usize, gap: usize, columns: i32, maximum: f32, factor: f32, mean: f32, masked: bool): void {
  const m = f32x4.splat(maximum), f = f32x4.splat(factor), less = f32x4.splat(mean);
  const zero = f32x4.splat(0);
  for (const end = row + (<usize>columns << 2); row < end; row += 32) {
    const to = row + gap;
    const w0 = f32x4.mul(exp2(f32x4.sub(v128.load(row, 0), m)), f);
    const w1 = f32x4.mul(exp2(f32x4.sub(v128.load(row, 16), m)), f);
    let d0 = f32x4.mul(w0, f32x4.sub(v128.load(to, 0), less));
    let d1 = f32x4.mul(w1, f32x4.sub(v128.load(to, 16), less));
    if (masked) {
      d0 = v128.and(d0, f32x4.ne(w0, zero));
      d1 = v128.and(d1, f32x4.ne(w1, zero));
    }
    v128.store(row, w0, 0);
    v128.store(row, w1, 16);
    v128.store(to, d0, 0);
    v128.store(to, d1, 16);
  }
}

/** `p = f max(s, 0)`, and `f dp` where the score is above 0: NaN is not below. */
function reluRow(row: usize, gap: usize, columns: i32, factor: f32): void {
  const f = f32x4.splat(factor), zero = f32x4.splat(0);
  for (const end = row + (<usize>columns << 2); row < end; row += 32) {
    const to = row + gap;
    const s0 = v128.load(row, 0), s1 = v128.load(row, 16);
    const w0 = f32x4.mul(f32x4.pmax(s0, zero), f);
    const w1 = f32x4.mul(f32x4.pmax(s1, zero), f);
    const d0 = v128.andnot(f32x4.mul(v128.load(to, 0), f), f32x4.le(s0, zero));
    const d1 = v128.andnot(f32x4.mul(v128.load(to, 16), f), f32x4.le(s1, zero));
    v128.store(row, w0, 0);
    v128.store(row, w1, 16);
    v128.store(to, d0, 0);
    v128.store(to, d1, 16);
  }
}

/** `p = 1 / (1 + 2^y)`, and `p (1 - p) dp`, of which `1 - p` is `p 2^y`, for it keeps its digits where p is near 1. */
function sigmoidRow(row: usize, gap: usize, columns: i32, number: f32): void {
  const n = f32x4.splat(number), one = f32x4.splat(1), zero = f32x4.splat(0);
  // 2^128 is infinite, and makes the weight of a key that is not attended exactly 0.
  const most = f32x4.splat(128);
  for (const end = row + (<usize>columns << 2); row < end; row += 32) {
    const to = row + gap;
    const e0 = exp2(f32x4.pmin(f32x4.sub(n, v128.load(row, 0)), most));
    const e1 = exp2(f32x4.pmin(f32x4.sub(n, v128.load(row, 16)), most));
    const w0 = f32x4.div(one, f32x4.add(one, e0));
    const w1 = f32x4.div(one, f32x4.add(one, e1));
    const d0 = v128.and(f32x4.mul(v128.load(to, 0), f32x4.mul(w0, f32x4.pmin(one, f32x4.mul(e0, w0)))), f32x4.ne(w0, zero));
    const d1 = v128.and(f32x4.mul(v128.load(to, 16), f32x4.mul(w1, f32x4.pmin(one, f32x4.mul(e1, w1)))), f32x4.ne(w1, zero));
    v128.store(row, w0, 0);
    v128.store(row, w1, 16);
    v128.store(to, d0, 0);
    v128.store(to, d1, 16);
  }
}
