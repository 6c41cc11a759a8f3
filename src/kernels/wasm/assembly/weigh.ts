import { PANEL_QUERIES, SCORE_ROW } from "./generated/layout";
import { Lane } from "./lane";
import { exp2, joinMaxima, joinSums, rowMaximum, rowWeights, scaleRow } from "./softmax";

/** Below every score but -∞: a row whose scores are all -∞ keeps it as its maximum, so that their weights are 0. */
export const LEAST: f32 = -3.4028234663852886e38;

/**
 * Turns the scores of a panel of 6 queries into weights: the online softmax (Milakov and Gimelshein 2018, arXiv 1805.02867,
 * algorithm 3). Rows run by themselves where they are long, and side by side where one number of each is left. A row's sum
 * and output, `rowBytes` apart, are rescaled only where its maximum moved. `floors` tells which rows attend any key, 0 if all do.
 */
export function weighPanel(
  lane: usize, scores: usize, columns: i32, floors: usize, maximum: usize, total: usize, output: usize, rowBytes: usize,
): void {
  const scratch = Lane.scratch(lane);
  const parts = Lane.parts(lane);
  for (let r = 0; r < PANEL_QUERIES; r++) rowMaximum(scores + <usize>r * SCORE_ROW, columns, parts + (<usize>r << 5));
  const moved = raiseMaxima(maximum, total, parts, floors, scratch, 0) | (raiseMaxima(maximum, total, parts, floors, scratch, 2) << 2);
  if (moved != 0) rescale(output, rowBytes, moved, scratch);
  const least = f32x4.splat(LEAST);
  for (let r = 0; r < PANEL_QUERIES; r++) {
    // Of a row that has seen no key, scores of -∞ less a maximum of -∞ would be NaN.
    const m = f32x4.pmax(least, v128.load32_splat(maximum + (<usize>r << 2)));
    rowWeights(scores + <usize>r * SCORE_ROW, columns, m, parts + (<usize>r << 5));
  }
  addSums(total, parts);
}

/**
 * Four rows from row `from` of the panel, 0 or 2: raises their maxima to the largest of their scores, and multiplies their sums by
 * what that shrinks them to, which is left in `scratch`. Returns a bit for each row whose output shrinks, too.
 */
function raiseMaxima(maximum: usize, total: usize, parts: usize, floors: usize, scratch: usize, from: usize): i32 {
  const at = from << 2;
  const before = v128.load(maximum + at);
  const floor = floors == 0 ? f32x4.splat(LEAST) : v128.load(floors + at);
  const top = f32x4.pmax(f32x4.pmax(before, floor), joinMaxima(parts + (from << 5)));
  const same = f32x4.eq(top, before);
  // 2^0 of the polynomial is not quite 1.
  const shrink = v128.bitselect(f32x4.splat(1), exp2(f32x4.sub(before, top)), same);
  // Rows 2 and 3 lie in both fours, and have been raised by the first.
  if (from == 0) v128.store(scratch, shrink);
  else v128.store64_lane(scratch + 16, shrink, 1);
  v128.store(maximum + at, top);
  v128.store(total + at, f32x4.mul(v128.load(total + at), shrink));
  return i32x4.bitmask(v128.not(v128.or(same, f32x4.eq(before, f32x4.splat(-Infinity)))));
}

/** Multiplies the outputs of rows by what their maxima's rise shrinks them to. */
function rescale(output: usize, rowBytes: usize, moved: i32, shrink: usize): void {
  while (moved != 0) {
    const r: usize = ctz(moved);
    scaleRow(output + r * rowBytes, rowBytes, load<f32>(shrink + (r << 2)));
    moved &= moved - 1;
  }
}

/** Adds the sums of a panel's weights to the running sums. */
function addSums(total: usize, parts: usize): void {
  // Rows 2 and 3 lie in both halves, and are added once.
  const last = v128.load(total + 16);
  v128.store(total, f32x4.add(v128.load(total), joinSums(parts)));
  const sums = joinSums(parts + 64);
  v128.store64_lane(total + 16, f32x4.add(last, v128.shuffle<f32>(sums, sums, 2, 3, 2, 3)), 0);
}
