import { PANEL_QUERIES, SCORE_ROW } from "./generated/layout";

/**
 * Weights max(score, 0) in the place of softmax's (Wortsman et al. 2023, arXiv 2309.08586): no maximum and no sum of a row is
 * needed, and what they are divided by is a matter of the row, when it is written.
 */
export function rectifyPanel(scores: usize, columns: i32): void {
  for (let r = 0; r < PANEL_QUERIES; r++) rectifyRow(scores + <usize>r * SCORE_ROW, columns);
}

/** The same of one row; `columns` is a multiple of 8. */
export function rectifyRow(scores: usize, columns: i32): void {
  const zero = f32x4.splat(0);
  for (const end = scores + (<usize>columns << 2); scores < end; scores += 32) {
    // NaN stays: it is not less than 0.
    const a = f32x4.pmax(v128.load(scores, 0), zero);
    const b = f32x4.pmax(v128.load(scores, 16), zero);
    v128.store(scores, a, 0);
    v128.store(scores, b, 16);
  }
}
