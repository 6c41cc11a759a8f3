import { Call } from "../call";
import { QUERY_ROW, SCORE_ROW } from "../generated/layout";
import { multiplyAdd } from "../generated/micro";
import { Lane } from "../lane";
import { isSet, spanEnd, spanStart } from "../mask";
import { tokenAt } from "../pack";
import { Gradient, keySum, valueSum } from "./words";

/**
 * What a masked tile adds, of attended pairs alone: where a number is not finite, even a weight of 0 would spread it to rows that
 * do not attend it. Key 0 of the tile is in column `low` and is entry `entry` of a list; `keyRows` is where its row is.
 */
export function addAttended(
  call: usize, lane: usize, table: usize, rows: i32, count: i32, low: i32, entry: i32, list: usize, keyRows: usize,
  spans: usize, bits: usize, bitsRow: usize,
): void {
  const g = Call.gradient(call);
  const first: usize = <usize>low << 2;
  const rowBytes: usize = <usize>Call.d(call) << 2;
  const width: usize = <usize>Gradient.width(g) << 2;
  for (let r = 0; r < rows; r++) {
    const factors = Lane.products(lane) + <usize>r * SCORE_ROW + first;
    const output = Lane.output(lane) + <usize>r * width;
    for (let i: usize = 0; i < width; i += 16) {
      let sum = f32x4.splat(0);
      for (let key = spanStart(spans, r); key < spanEnd(spans, r); key++) {
        if (!attends(spans, bits, bitsRow, r, key)) continue;
        sum = multiplyAdd(v128.load32_splat(factors + (<usize>key << 2)), v128.load(keyRows + <usize>key * rowBytes + i), sum);
      }
      v128.store(output + i, f32x4.add(v128.load(output + i), sum));
    }
  }
  for (let key = 0; key < count; key++) {
    const token = <i32>tokenAt(list, entry + key);
    const at: usize = first + (<usize>key << 2);
    addToKey(rows, key, Lane.scores(lane) + at, Lane.douts(lane), <usize>Call.width(call) << 2, valueSum(call, g, table, token), spans, bits, bitsRow);
    addToKey(rows, key, Lane.products(lane) + at, Lane.queries(lane), width, keySum(g, table, token), spans, bits, bitsRow);
  }
}

function addToKey(rows: i32, key: i32, factors: usize, from: usize, bytes: usize, to: usize, spans: usize, bits: usize, bitsRow: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    let sum = f32x4.splat(0);
    for (let r = 0; r < rows; r++) {
      if (!attends(spans, bits, bitsRow, r, key)) continue;
      sum = multiplyAdd(v128.load32_splat(factors + <usize>r * SCORE_ROW), v128.load(from + <usize>r * QUERY_ROW + i), sum);
    }
    v128.store(to + i, f32x4.add(v128.load(to + i), sum));
  }
}

@inline
function attends(spans: usize, bits: usize, bitsRow: usize, row: i32, key: i32): bool {
  if (key < spanStart(spans, row) || key >= spanEnd(spans, row)) return false;
  return bits == 0 || isSet(bits + <usize>row * bitsRow, key);
}
