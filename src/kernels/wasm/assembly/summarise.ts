import { Call } from "./call";
import { PANEL_KEYS, RULE_nsa, RULE_quest } from "./generated/layout";
import { finiteNumber } from "./page-bounds";
import { countFloats, countFlops } from "./select-count";
import { Selection } from "./select-words";

/** Of blocks `from … to-1` what queries are compared with, each a column of a panel. */
export function summariseBlocks(call: usize, lane: usize, from: i32, to: i32): void {
  const d = Call.d(call);
  const valueDim = Call.valueDim(call);
  const size = Selection.block(call);
  const rule = Selection.rule(call);
  const panelBytes: usize = <usize>(d * PANEL_KEYS) << 2;
  for (let block = from; block < to; block++) {
    const first = block * size;
    const rows = min(size, Call.length(call) - first);
    countFloats(lane, rows * d);
    if (rule != RULE_quest) countFlops(lane, <f64>rows * <f64>d);
    const keys = Call.k(call) + (<usize>first * <usize>d << 2);
    const at = <usize>(block / PANEL_KEYS) * panelBytes + (<usize>(block % PANEL_KEYS) << 2);
    const panel = Selection.candidates(call) + at;
    if (rule == RULE_quest) boundsOf(keys, rows, d, panel, Selection.moreCandidates(call) + at);
    else meanOf(keys, rows, d, <f64>Selection.candidateFactor(call), panel, PANEL_KEYS << 2);
    if (rule != RULE_nsa) continue;
    countFloats(lane, rows * valueDim);
    countFlops(lane, <f64>rows * <f64>valueDim);
    const values = Call.v(call) + (<usize>first * <usize>valueDim << 2);
    meanOf(values, rows, valueDim, 1, Selection.meanValues(call) + (<usize>block * <usize>valueDim << 2), 4);
  }
}

/** The mean of `rows` rows of `d` numbers times a factor, summed in float64; its numbers are written `step` bytes apart. */
function meanOf(from: usize, rows: i32, d: i32, factor: f64, to: usize, step: usize): void {
  const rowBytes: usize = <usize>d << 2;
  const end = from + <usize>rows * rowBytes;
  const share: f64 = factor / <f64>rows;
  let i = 0;
  for (; i + 8 <= d; i += 8) {
    let a = f64x2.splat(0), b = f64x2.splat(0), c = f64x2.splat(0), e = f64x2.splat(0);
    for (let row = from + (<usize>i << 2); row < end; row += rowBytes) {
      a = f64x2.add(a, f64x2.promote_low_f32x4(v128.load64_zero(row, 0)));
      b = f64x2.add(b, f64x2.promote_low_f32x4(v128.load64_zero(row, 8)));
      c = f64x2.add(c, f64x2.promote_low_f32x4(v128.load64_zero(row, 16)));
      e = f64x2.add(e, f64x2.promote_low_f32x4(v128.load64_zero(row, 24)));
    }
    to = writePair(a, share, to, step);
    to = writePair(b, share, to, step);
    to = writePair(c, share, to, step);
    to = writePair(e, share, to, step);
  }
  for (; i < d; i++) {
    let sum: f64 = 0;
    for (let row = from + (<usize>i << 2); row < end; row += rowBytes) sum += <f64>load<f32>(row);
    store<f32>(to, <f32>(sum * share));
    to += step;
  }
}

@inline
function writePair(sums: v128, share: f64, to: usize, step: usize): usize {
  store<f32>(to, <f32>(f64x2.extract_lane(sums, 0) * share));
  store<f32>(to + step, <f32>(f64x2.extract_lane(sums, 1) * share));
  return to + 2 * step;
}

/** The largest and the least of each channel over `rows` rows, NaN if any is. */
function boundsOf(from: usize, rows: i32, d: i32, largest: usize, least: usize): void {
  const rowBytes: usize = <usize>d << 2;
  for (let i = 0; i < d; i++) {
    let row = from + (<usize>i << 2);
    let high = load<f32>(row), low = high;
    for (let n = 1; n < rows; n++) {
      row += rowBytes;
      const x = load<f32>(row);
      high = max(high, x);
      low = min(low, x);
    }
    const at: usize = <usize>(i * PANEL_KEYS) << 2;
    store<f32>(largest + at, finiteNumber(high));
    store<f32>(least + at, finiteNumber(low));
  }
}
