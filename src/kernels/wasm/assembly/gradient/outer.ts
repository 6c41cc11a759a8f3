import { OUTER_ROWS, PANEL_KEYS, PANEL_QUERIES, QUERY_ROW } from "../generated/layout";
import { outerTile } from "../generated/micro";
import { Lane } from "../lane";
import { add, clear } from "./keys";

/**
 * Adds aᵀ·b over `rows` rows, `aStep` and `bStep` bytes apart, of `count` columns of a, at most a panel of queries, and `width` of b, to
 * sums in rows `QUERY_ROW` bytes apart. Every `OUTER_ROWS` rows are summed by themselves, so that long sums keep their last digits.
 */
export function addOuterRows(
  lane: usize, a: usize, aStep: usize, count: i32, b: usize, bStep: usize, width: i32, rows: i32, sums: usize,
): void {
  const part = Lane.state(lane);
  for (let first = 0; first < rows; first += OUTER_ROWS) {
    const here = min(OUTER_ROWS, rows - first);
    for (let i: usize = 0; i < <usize>width << 2; i += PANEL_KEYS << 2) {
      for (let r: usize = 0; r < <usize>PANEL_QUERIES; r++) clear(part + r * QUERY_ROW + i, PANEL_KEYS << 2);
      outerTile(count, a + <usize>first * aStep, aStep, b + <usize>first * bStep + i, bStep, part + i, QUERY_ROW, here);
      for (let r: usize = 0; r < <usize>count; r++) add(part + r * QUERY_ROW + i, PANEL_KEYS << 2, sums + r * QUERY_ROW + i);
    }
  }
}

/** Writes `count` rows of such sums, `width` numbers each, one after the other, or adds them to what is there. */
export function writeOuter(sums: usize, count: i32, width: i32, to: usize, adds: bool): void {
  for (let r = 0; r < count; r++) {
    const row = sums + <usize>r * QUERY_ROW;
    for (let i: usize = 0; i < <usize>width << 2; i += 4) {
      const value = load<f32>(row + i);
      store<f32>(to + i, adds ? load<f32>(to + i) + value : value);
    }
    to += <usize>width << 2;
  }
}
