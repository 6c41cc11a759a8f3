import { Call } from "./call";
import { QUERY_ROW } from "./generated/layout";

/**
 * The most that a query's product with any key of a page can be, `Σ_c max(q_c·min_c, q_c·max_c)`: the product of what is above 0 in the
 * query with the largest keys, and of what is below with the least.
 */

/** The largest number there is. Infinity in its place is not multiplied by what is 0 on one side; where it counts a bound has no rank anyway. */
const MOST: f32 = 3.4028234663852886e38;

/** Keys as bounds take them. */
@inline
export function finiteVector(x: v128): v128 { return f32x4.min(f32x4.max(x, f32x4.splat(-MOST)), f32x4.splat(MOST)); }
@inline
export function finiteNumber(x: f32): f32 { return min(max(x, -MOST), MOST); }

/** Of `rows` queries leaves what is above 0, and writes what is below to `below`. */
export function splitSigns(queries: usize, rows: i32, d: i32, below: usize): void {
  const zero = f32x4.splat(0);
  for (let r = 0; r < rows; r++) {
    for (let i: usize = 0; i < <usize>d << 2; i += 16) {
      const x = v128.load(queries + i);
      v128.store(below + i, f32x4.min(x, zero));
      v128.store(queries + i, f32x4.max(x, zero));
    }
    queries += QUERY_ROW;
    below += QUERY_ROW;
  }
}

/** The same over keys `first … last`, which are not yet a whole page. */
export function ownBound(call: usize, above: usize, below: usize, first: i32, last: i32): f32 {
  const d = Call.d(call);
  const rowBytes: usize = <usize>d << 2;
  const from = Call.k(call) + <usize>first * rowBytes;
  const end = from + <usize>(last - first) * rowBytes;
  let sums = f32x4.splat(0);
  let i: usize = 0;
  for (; i + 16 <= rowBytes; i += 16) {
    let high = v128.load(from + i), low = high;
    for (let row = from + rowBytes; row <= end; row += rowBytes) {
      const x = v128.load(row + i);
      high = f32x4.max(high, x);
      low = f32x4.min(low, x);
    }
    sums = f32x4.add(sums, f32x4.add(f32x4.mul(v128.load(above + i), finiteVector(high)), f32x4.mul(v128.load(below + i), finiteVector(low))));
  }
  let sum: f32 = f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1) + (f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3));
  for (; i < rowBytes; i += 4) {
    let high = load<f32>(from + i), low = high;
    for (let row = from + rowBytes; row <= end; row += rowBytes) {
      const x = load<f32>(row + i);
      high = max(high, x);
      low = min(low, x);
    }
    sum += load<f32>(above + i) * finiteNumber(high) + load<f32>(below + i) * finiteNumber(low);
  }
  return sum;
}
