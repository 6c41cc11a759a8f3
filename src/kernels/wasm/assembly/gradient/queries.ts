import { placeRows } from "../bias";
import { Call } from "../call";
import { allFinite } from "../finite";
import { ACTIVATION_given, NORMALISER_softmax, QUERY_ROW } from "../generated/layout";
import { Lane } from "../lane";
import { findScores } from "../learned-scores";
import { copyListed, copyRow, tokenAt } from "../pack";
import { writeScaled } from "../rows";
import { scaleRow } from "../softmax";
import { turnRow } from "../turn";
import { turnRowBack } from "./turn-back";
import { Gradient, keyBytes } from "./words";

/** The rows of a group: q and dout side by side, what the forward pass left of them, and the sums of their dq, `[rows, width]`. */

/**
 * Brings `rows` entries of a list from `start` on into the lane, queries times their factor, as both scores and dk take them. Returns whether
 * all that is known of them is finite.
 */
export function openQueries(call: usize, lane: usize, list: usize, start: i32, rows: i32): bool {
  const d = Call.d(call), valueDim = Call.valueDim(call);
  copyListed(list, start, rows, Call.q(call), <usize>d << 2, Lane.queries(lane), QUERY_ROW);
  copyListed(list, start, rows, Call.out(call), <usize>valueDim << 2, Lane.douts(lane), QUERY_ROW);
  if (Call.bias(call) != 0) placeRows(call, lane, list, start, rows);
  if (Call.activation(call) == ACTIVATION_given) findScores(call, lane, list, start, rows);
  const g = Call.gradient(call);
  // Where no tile has a mask, nothing has to be kept from spreading.
  const checks = Call.checksValues(call);
  let finite = true;
  for (let r = 0; r < rows; r++) {
    const query = Lane.queries(lane) + <usize>r * QUERY_ROW;
    const dout = Lane.douts(lane) + <usize>r * QUERY_ROW;
    const token = <i32>tokenAt(list, start + r);
    if (checks && (!allFinite(query, d) || !allFinite(dout, valueDim))) finite = false;
    if (Call.turns(call) != 0) turnRow(call, query, Call.firstQuery(call) + token, query);
    scaleRow(query, keyBytes(g), Gradient.queryFactor(g));
    if (!openRow(call, lane, <usize>r << 2, token, dout)) finite = false;
  }
  return finite;
}

/** What weights are made with: of softmax the maximum and the factor that the forward pass left, of others the row's number. */
function openRow(call: usize, lane: usize, at: usize, token: i32, dout: usize): bool {
  if (Call.normaliser(call) != NORMALISER_softmax) {
    const numbers = Call.rowNumbers(call);
    store<f32>(Lane.total(lane) + at, numbers == 0 ? Call.rowNumber(call) : load<f32>(numbers + (<usize>token << 2)));
    return true;
  }
  const g = Call.gradient(call);
  const sums = Gradient.sums(g) + (<usize>token << 3);
  const maximum = load<f32>(sums, 0), factor = load<f32>(sums, 4);
  const out = Gradient.out(g);
  const mean: f32 = out == 0 ? 0 : dot(dout, out + <usize>token * (<usize>Call.valueDim(call) << 2), Call.valueDim(call));
  store<f32>(Lane.maximum(lane) + at, maximum);
  store<f32>(Lane.total(lane) + at, factor);
  store<f32>(Lane.means(lane) + at, mean);
  // The maximum of a row that attends nothing is -∞.
  return maximum < Infinity && (mean + factor) * 0 == 0;
}

/** The product of two rows of `count` numbers. */
export function dot(a: usize, b: usize, count: i32): f32 {
  let s0 = f32x4.splat(0), s1 = f32x4.splat(0);
  let i = 0;
  for (; i + 8 <= count; i += 8) {
    s0 = f32x4.add(s0, f32x4.mul(v128.load(a, 0), v128.load(b, 0)));
    s1 = f32x4.add(s1, f32x4.mul(v128.load(a, 16), v128.load(b, 16)));
    a += 32;
    b += 32;
  }
  const s = f32x4.add(s0, s1);
  let sum: f32 = (f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 1)) + (f32x4.extract_lane(s, 2) + f32x4.extract_lane(s, 3));
  for (; i < count; i++) {
    sum += load<f32>(a) * load<f32>(b);
    a += 4;
    b += 4;
  }
  return sum;
}

/** Fetches the sums that an earlier pass kept. */
export function fetchQueries(call: usize, lane: usize, list: usize, start: i32, rows: i32): void {
  const g = Call.gradient(call);
  const bytes = keyBytes(g);
  for (let r = 0; r < rows; r++) copyRow(Gradient.kept(g) + tokenAt(list, start + r) * bytes, bytes, Lane.output(lane) + <usize>r * bytes);
}

/** Keeps the sums for a later pass. */
export function keepQueries(call: usize, lane: usize, list: usize, start: i32, rows: i32): void {
  const g = Call.gradient(call);
  const bytes = keyBytes(g);
  for (let r = 0; r < rows; r++) copyRow(Lane.output(lane) + <usize>r * bytes, bytes, Gradient.kept(g) + tokenAt(list, start + r) * bytes);
}

/** Writes dq: the sums times their factor, turned back. */
export function writeQueries(call: usize, lane: usize, list: usize, start: i32, rows: i32): void {
  const g = Call.gradient(call);
  const d = Call.d(call);
  for (let r = 0; r < rows; r++) {
    const token = <i32>tokenAt(list, start + r);
    const sums = Lane.output(lane) + <usize>r * keyBytes(g);
    if (Call.turns(call) != 0) turnRowBack(call, sums, Call.firstQuery(call) + token);
    writeScaled(sums, d, Gradient.ofQueries(g), Gradient.dq(g) + placeOf(call, g, list, start + r, token) * (<usize>d << 2));
  }
}

/** Where the gradient of an entry of a list is written: in the place of its token, or of the entry among all of the lists. */
@inline
function placeOf(call: usize, g: usize, list: usize, entry: i32, token: i32): usize {
  return Gradient.joined(g) == 0 ? <usize>token : ((list - Call.list(call, 0)) >> 2) + <usize>entry;
}
