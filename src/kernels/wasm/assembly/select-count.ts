import { PANEL_QUERIES } from "./generated/layout";
import { Lane } from "./lane";

/** What is done depends on what was chosen: it is counted while it is done. */

/** Counts `products` multiplications and additions for each of `rows` rows, up to whole panels. */
export function countProducts(lane: usize, rows: i32, products: i32): void {
  const rest = rows % PANEL_QUERIES;
  const computed = rest == 0 ? rows : rows - rest + (rest > SHORT ? PANEL_QUERIES : SHORT);
  countFlops(lane, 2 * <f64>computed * <f64>products);
}

/** Rows of the micro-kernel for a last panel of no more. */
const SHORT = 4;

@inline
export function countFlops(lane: usize, flops: f64): void {
  const counted = Lane.counted(lane);
  store<f64>(counted, load<f64>(counted) + flops);
}

/** Counts floats of q, k, v and out that are read or written. */
@inline
export function countFloats(lane: usize, floats: i32): void {
  const counted = Lane.counted(lane);
  store<f64>(counted, load<f64>(counted, 8) + <f64>floats, 8);
}
