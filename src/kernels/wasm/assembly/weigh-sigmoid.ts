import { PANEL_QUERIES, SCORE_ROW } from "./generated/layout";
import { exp2 } from "./softmax";

/**
 * Weights σ(x) in the place of softmax's (Ramapuram et al. 2024, arXiv 2409.04431): 1 / (1 + 2^y), y being what the row's number,
 * of the rows' `numbers`, exceeds the score by, for scores are in powers of 2.
 */
export function logisticPanel(scores: usize, columns: i32, numbers: usize): void {
  for (let r = 0; r < PANEL_QUERIES; r++) {
    logisticRow(scores + <usize>r * SCORE_ROW, columns, load<f32>(numbers + (<usize>r << 2)));
  }
}

/** The same of one row; `columns` is a multiple of 8. */
export function logisticRow(scores: usize, columns: i32, number: f32): void {
  const n = f32x4.splat(number);
  const one = f32x4.splat(1);
  // 2^128 is infinite, and makes the weight of a key that is not attended, whose score is -∞, exactly 0.
  const most = f32x4.splat(128);
  for (const end = scores + (<usize>columns << 2); scores < end; scores += 32) {
    const a = f32x4.add(one, exp2(f32x4.pmin(f32x4.sub(n, v128.load(scores, 0)), most)));
    const b = f32x4.add(one, exp2(f32x4.pmin(f32x4.sub(n, v128.load(scores, 16)), most)));
    const c = f32x4.div(one, a);
    const d = f32x4.div(one, b);
    v128.store(scores, c, 0);
    v128.store(scores, d, 16);
  }
}
