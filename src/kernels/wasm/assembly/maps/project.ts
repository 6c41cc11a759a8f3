import { Call } from "../call";
import { PANEL_KEYS, PANEL_QUERIES, QUERY_ROW } from "../generated/layout";
import { scoresTile } from "../generated/micro";

/**
 * The products of `count` rows with rows `first … first+columns-1` of the call's weights; all rows are `QUERY_ROW` bytes apart, and
 * `first` begins a panel. Up to a whole panel of columns more is written, products with rows of 0 where there are no more weights.
 */
export function project(call: usize, rows: usize, count: i32, first: i32, columns: i32, to: usize): void {
  const d = Call.d(call);
  for (let c = 0; c < columns; c += PANEL_KEYS) {
    const weights = Call.packedWeights(call) + (<usize>((first + c) * d) << 2);
    for (let r = 0; r < count; r += PANEL_QUERIES) {
      const at: usize = <usize>r * QUERY_ROW;
      scoresTile(count - r, rows + at, weights, PANEL_KEYS << 2, to + at + (<usize>c << 2), QUERY_ROW, d);
    }
  }
}
