import { Call } from "../../call";
import { dotRows } from "../../dot-rows";
import { QUERY_ROW } from "../../generated/layout";
import { Lane } from "../../lane";
import { copyRows } from "../../pack";
import { FeatureGradient } from "./words";

/**
 * What a chunk of queries is multiplied with: dout times what their sums were multiplied by, and behind it less the product of that
 * with out. Rows of the lane `QUERY_ROW` bytes apart. Without a weight there is nothing to divide, and nothing to change.
 */
export function openDouts(call: usize, lane: usize, first: i32, count: i32): void {
  const g = FeatureGradient.of(call);
  const valueDim = Call.valueDim(call);
  const bytes: usize = <usize>valueDim << 2;
  let dout = Call.out(call) + <usize>first * bytes;
  let out = FeatureGradient.out(g) + <usize>first * bytes;
  let inverse = FeatureGradient.inverses(g) + (<usize>first << 2);
  let to = Lane.douts(lane);
  for (let r = 0; r < count; r++) {
    const times = load<f32>(inverse);
    const factor: f32 = abs(times) == Infinity ? 0 : times;
    const by = f32x4.splat(factor);
    for (let i: usize = 0; i < bytes; i += 32) {
      const a = f32x4.mul(v128.load(dout + i, 0), by);
      const b = f32x4.mul(v128.load(dout + i, 16), by);
      v128.store(to + i, a, 0);
      v128.store(to + i, b, 16);
    }
    dotRows(out, bytes, 1, to, valueDim, to + bytes, QUERY_ROW);
    store<f32>(to + bytes, -load<f32>(to + bytes));
    dout += bytes;
    out += bytes;
    inverse += 4;
    to += QUERY_ROW;
  }
}

/** What a chunk of keys is multiplied with: its values, and behind each a 1. */
export function openValues(call: usize, lane: usize, first: i32, count: i32): void {
  const bytes: usize = <usize>Call.valueDim(call) << 2;
  copyRows(Call.v(call) + <usize>first * bytes, bytes, count, bytes, Lane.valueRows(lane), QUERY_ROW);
  for (let r = 0; r < count; r++) store<f32>(Lane.valueRows(lane) + <usize>r * QUERY_ROW + bytes, 1);
}

/** Writes `count` rows of `columns` numbers, or adds them to what is there, and nothing beyond them. */
export function writeSlopes(from: usize, fromStep: usize, count: i32, columns: i32, to: usize, adds: bool): void {
  const bytes: usize = <usize>columns << 2;
  for (let r = 0; r < count; r++) {
    let i: usize = 0;
    if (adds) {
      for (; i + 32 <= bytes; i += 32) {
        const a = f32x4.add(v128.load(to + i, 0), v128.load(from + i, 0));
        const b = f32x4.add(v128.load(to + i, 16), v128.load(from + i, 16));
        v128.store(to + i, a, 0);
        v128.store(to + i, b, 16);
      }
      for (; i < bytes; i += 4) store<f32>(to + i, load<f32>(to + i) + load<f32>(from + i));
    } else {
      for (; i + 32 <= bytes; i += 32) {
        const a = v128.load(from + i, 0), b = v128.load(from + i, 16);
        v128.store(to + i, a, 0);
        v128.store(to + i, b, 16);
      }
      for (; i < bytes; i += 4) store<f32>(to + i, load<f32>(from + i));
    }
    from += fromStep;
    to += bytes;
  }
}
