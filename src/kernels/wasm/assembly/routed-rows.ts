import { Call } from "./call";
import { PANEL_QUERIES, GROUP_ROWS } from "./generated/layout";
import { attendGroup, clearGroup, fetchQueries } from "./group-rows";
import { Lane } from "./lane";
import { copyListed, copyRow, packListed } from "./pack";
import { writeScaled } from "./rows";
import { Routed } from "./routed";
import { exp2, scaleRow } from "./softmax";

/** The queries that a centre took attend the keys that it took; their state is kept by their places among all that are taken. */
export function meetCentre(call: usize, lane: usize, centre: i32): void {
  const routed = Call.routed(call);
  const window = Routed.window(routed);
  const own: usize = <usize>(centre * window) << 2;
  const keys = Routed.keys(routed) + own;
  const step = bringIn(call, lane, keys, window, centre);
  const rowBytes: usize = <usize>Call.width(call) << 2;
  const kept = (centre - Routed.firstCentre(routed)) * window;
  for (let row = 0; row < window; row += GROUP_ROWS) {
    const rows = min(GROUP_ROWS, window - row);
    const list = Routed.queries(routed) + own + (<usize>row << 2);
    fetchQueries(call, lane, list, rows);
    clearGroup(call, lane, rows);
    attendGroup(call, lane, list, rows, keys, 0, window, Lane.shown(lane), step, centre);
    for (let r: usize = 0; r < <usize>rows; r++) {
      const slot: usize = <usize>(kept + row) + r;
      store<f32>(Routed.maxima(routed) + (slot << 2), load<f32>(Lane.maximum(lane) + (r << 2)));
      store<f32>(Routed.totals(routed) + (slot << 2), load<f32>(Lane.total(lane) + (r << 2)));
      copyRow(Lane.output(lane) + r * rowBytes, rowBytes, Routed.outputs(routed) + slot * rowBytes);
    }
  }
}

/** Packs the keys that a centre took, copies their values, and which centres before took them. Returns bytes between rows of that. */
function bringIn(call: usize, lane: usize, keys: usize, count: i32, centre: i32): usize {
  const d = Call.d(call);
  const valueBytes: usize = <usize>Call.valueDim(call) << 2;
  packListed(keys, Call.k(call), count, d, 1, Lane.classKeys(lane));
  copyListed(keys, 0, count, Call.v(call), valueBytes, Lane.classValues(lane), valueBytes);
  return bringRouted(call, lane, keys, count, centre);
}

/** Copies which centres up to one took each key of a list. Returns bytes between rows of that. */
export function bringRouted(call: usize, lane: usize, keys: usize, count: i32, centre: i32): usize {
  const routed = Call.routed(call);
  const words = Routed.bitWords(routed);
  const step: usize = ((<usize>count + 31) & ~7) << 2;
  for (let i: usize = 0; i < <usize>count; i++) {
    const bits = Routed.keyBits(routed) + ((<usize>load<u32>(keys + (i << 2)) * <usize>words) << 2);
    for (let word: usize = 0; word <= <usize>(centre >> 5); word++) {
      store<u32>(Lane.shown(lane) + word * step + (i << 2), load<u32>(bits + (word << 2)));
    }
  }
  return step;
}

/** Joins what queries `from … to-1` have of the centres under way; the first begin them, and the last write them. */
export function joinRows(call: usize, from: i32, to: i32): void {
  const routed = Call.routed(call);
  const valueDim = Call.valueDim(call);
  const first = Routed.firstCentre(routed);
  const end = Routed.endCentre(routed);
  const rowBytes: usize = <usize>Call.width(call) << 2;
  const begun = first * Routed.window(routed);
  const last = end == Routed.clusters(routed);
  for (let query = from; query < to; query++) {
    const at = Routed.takerAt(routed) + (<usize>query << 2);
    const word: usize = <usize>query << 2;
    const kept = Call.keptOutput(call) + <usize>query * rowBytes;
    let maximum: f32 = first == 0 ? -Infinity : load<f32>(Call.keptMaximum(call) + word);
    let total: f32 = first == 0 ? 0 : load<f32>(Call.keptTotal(call) + word);
    // Where the row's sums are so far: those of its first centre stay where they are.
    let output: usize = maximum == -Infinity ? 0 : kept;
    for (let taker: usize = load<u32>(at); taker < <usize>load<u32>(at, 4); taker++) {
      const centre = load<i32>(Routed.takers(routed) + (taker << 2));
      if (centre < first || centre >= end) continue;
      const slot = <usize>(load<i32>(Routed.slots(routed) + (taker << 2)) - begun);
      const other = load<f32>(Routed.maxima(routed) + (slot << 2));
      // It had no key that a centre before did not have.
      if (other == -Infinity) continue;
      const own = Routed.outputs(routed) + slot * rowBytes;
      const sum = load<f32>(Routed.totals(routed) + (slot << 2));
      if (output == 0) {
        output = own;
        maximum = other;
        total = sum;
        continue;
      }
      const top = max(maximum, other);
      const before = powerOf(maximum - top);
      const after = powerOf(other - top);
      total = total * before + sum * after;
      maximum = top;
      if (before != 1) scaleRow(output, rowBytes, before);
      addScaled(own, after, output, rowBytes);
    }
    if (last) {
      const to = Call.out(call) + <usize>query * (<usize>valueDim << 2);
      if (output == 0) clear(to, valueDim);
      else writeScaled(output, valueDim, 1 / total, to);
      if (Call.sums(call) != 0) {
        store<f32>(Call.sums(call) + 2 * word, maximum, 0);
        store<f32>(Call.sums(call) + 2 * word, output == 0 ? 0 : 1 / total, 4);
      }
      continue;
    }
    store<f32>(Call.keptMaximum(call) + word, maximum);
    store<f32>(Call.keptTotal(call) + word, total);
    if (output != 0 && output != kept) copyRow(output, rowBytes, kept);
  }
}

/** 2^x, and 1 for 0: of the polynomial it is not quite 1. */
@inline
function powerOf(x: f32): f32 { return x == 0 ? 1 : f32x4.extract_lane(exp2(f32x4.splat(x)), 0); }

function clear(to: usize, count: i32): void {
  for (let i: usize = 0; i < <usize>count << 2; i += 4) store<f32>(to + i, 0);
}

/** to += factor·from, of `bytes` bytes, a multiple of 32. */
function addScaled(from: usize, factor: f32, to: usize, bytes: usize): void {
  const f = f32x4.splat(factor);
  for (let i: usize = 0; i < bytes; i += 32) {
    v128.store(to + i, f32x4.add(v128.load(to + i, 0), f32x4.mul(v128.load(from + i, 0), f)), 0);
    v128.store(to + i, f32x4.add(v128.load(to + i, 16), f32x4.mul(v128.load(from + i, 16), f)), 16);
  }
}
