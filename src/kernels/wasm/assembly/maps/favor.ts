import { Call } from "../call";
import { QUERY_ROW } from "../generated/layout";
import { Lane } from "../lane";
import { copyRow, copyRows } from "../pack";
import { Panel } from "../panel";
import { nearest, powerLess, powerOf } from "./powers-of-two";
import { project } from "./project";
import { squares } from "./trigonometric";

/**
 * FAVOR+, read as two softmaxes: of keys for each feature, with weights `2^(a_jr - m_r)`, `a_jr = log2(e) (w_r·k'_j - |k'_j|²/2)`,
 * and of features for each query, with weights `2^(b_ir + m_r - top_i)`, `b_ir = log2(e) w_r·q'_i`, `top_i` the largest of their
 * exponents. Nothing can overflow, and a row's divisor is never far below 1.
 *
 * m is in the state, an integer for each feature. It need not be the largest a, only near: a chunk of keys is cut before one
 * that exceeds it by more than `REACH`, which then raises it. So what is done for a row depends on no key after it.
 */
const REACH: i32 = 60;

/** m where no key was seen. */
const NONE: i32 = -4194304;
/** m beyond the last feature: above every exponent there, so that weights are 0. */
const BEYOND: i32 = 1048576;
/** b beyond the last feature. */
const NEVER: f32 = -2097152;

/** Of a state that was filled with zeros: no key seen. */
export function clearScales(call: usize, state: usize): void {
  for (let p = 0; p < Call.mapPanelCount(call); p++) {
    const panel = Call.mapPanel(call, p);
    const m = state + Panel.scales(panel);
    for (let f = 0; f < Panel.count(panel); f++) store<i32>(m + (<usize>f << 2), NONE);
    for (let f = Panel.count(panel); (f & 7) != 0; f++) store<i32>(m + (<usize>f << 2), BEYOND);
  }
}

/**
 * Opens a chunk of keys, of `count` at most, that a state is to take in: returns how many it may take together, at least 1, and
 * has raised m for the first one if it must.
 */
export function openKeys(call: usize, lane: usize, from: usize, count: i32, state: usize): i32 {
  const d = Call.d(call);
  copyRows(from, <usize>d << 2, count, <usize>d << 2, Lane.keyRows(lane), QUERY_ROW);
  const halves = Lane.total(lane);
  const factor = Call.mapFactor(call);
  for (let j: usize = 0; j < <usize>count; j++) {
    store<f32>(halves + (j << 2), squares(Lane.keyRows(lane) + j * QUERY_ROW, d) * factor);
  }
  if (Call.mapPanelCount(call) == 1) keyExponents(call, lane, Call.mapPanel(call, 0), count);
  return settle(call, lane, count, state);
}

/** How many of a chunk's keys a state may take together, at least 1; raises m for the first one if it must. */
function settle(call: usize, lane: usize, count: i32, state: usize): i32 {
  const within = countWithin(call, lane, count, state);
  if (within > 0) return within;
  raise(call, lane, state);
  return max(1, countWithin(call, lane, count, state));
}

/** How many keys exceed no m by more than `REACH` before the first that does. */
function countWithin(call: usize, lane: usize, count: i32, state: usize): i32 {
  for (let p = 0; p < Call.mapPanelCount(call); p++) {
    const panel = Call.mapPanel(call, p);
    if (Call.mapPanelCount(call) > 1) keyExponents(call, lane, panel, count);
    const m = state + Panel.scales(panel);
    for (let j = 0; j < count; j++) {
      if (exceeds(Lane.features(lane) + <usize>j * QUERY_ROW, m, Lane.total(lane) + (<usize>j << 2), Panel.rowBytes(panel))) count = j;
    }
  }
  return count;
}

/** Whether any exponent of a key exceeds its m by more than `REACH`. */
function exceeds(row: usize, m: usize, half: usize, bytes: usize): bool {
  const h = v128.load32_splat(half);
  let a = i32x4.splat(NONE), b = a;
  for (let i: usize = 0; i < bytes; i += 32) {
    a = i32x4.max_s(a, i32x4.sub(nearest(f32x4.sub(v128.load(row + i, 0), h)), v128.load(m + i, 0)));
    b = i32x4.max_s(b, i32x4.sub(nearest(f32x4.sub(v128.load(row + i, 16), h)), v128.load(m + i, 16)));
  }
  return v128.any_true(i32x4.gt_s(i32x4.max_s(a, b), i32x4.splat(REACH)));
}

/** Raises every m to the first key's exponent, and rescales what the state has. */
function raise(call: usize, lane: usize, state: usize): void {
  const rowBytes: usize = <usize>Call.width(call) << 2;
  for (let p = 0; p < Call.mapPanelCount(call); p++) {
    const panel = Call.mapPanel(call, p);
    if (Call.mapPanelCount(call) > 1) keyExponents(call, lane, panel, 1);
    const h = v128.load32_splat(Lane.total(lane));
    const m = state + Panel.scales(panel);
    const sums = state + Panel.sums(panel);
    const shrink = Lane.mapScratch(lane);
    for (let i: usize = 0; i < Panel.rowBytes(panel); i += 16) {
      const before = v128.load(m + i);
      const after = i32x4.max_s(before, nearest(f32x4.sub(v128.load(Lane.features(lane) + i), h)));
      const factor = powerOf(i32x4.sub(before, after));
      v128.store(m + i, after);
      v128.store(shrink + i, factor);
      v128.store(sums + i, f32x4.mul(v128.load(sums + i), factor));
    }
    let row = state + Panel.rows(panel);
    for (let f = 0; f < Panel.count(panel); f++) {
      const factor = load<f32>(shrink + (<usize>f << 2));
      if (factor != 1) {
        const by = f32x4.splat(factor);
        for (let i: usize = 0; i < rowBytes; i += 16) v128.store(row + i, f32x4.mul(v128.load(row + i), by));
      }
      row += rowBytes;
    }
  }
}

/** w·k of a chunk's keys and a panel of features, into the lane's features. */
function keyExponents(call: usize, lane: usize, panel: usize, count: i32): void {
  project(call, Lane.keyRows(lane), count, Panel.first(panel), Panel.count(panel), Lane.features(lane));
}

/** The weights of a chunk's keys, which `openKeys` has opened, into the lane's features. */
export function keyWeights(call: usize, lane: usize, panel: usize, count: i32, state: usize): void {
  if (Call.mapPanelCount(call) > 1) keyExponents(call, lane, panel, count);
  const bytes = Panel.rowBytes(panel);
  const m = state + Panel.scales(panel);
  for (let j: usize = 0; j < <usize>count; j++) {
    const row = Lane.features(lane) + j * QUERY_ROW;
    const h = v128.load32_splat(Lane.total(lane) + (j << 2));
    for (let i: usize = 0; i < bytes; i += 32) {
      const a = powerLess(f32x4.sub(v128.load(row + i, 0), h), v128.load(m + i, 0));
      const b = powerLess(f32x4.sub(v128.load(row + i, 16), h), v128.load(m + i, 16));
      v128.store(row + i, a, 0);
      v128.store(row + i, b, 16);
    }
  }
}

/** Brings weights of keys that are less an m of `from` to the m of `to`, which is no smaller. */
export function matchScales(lane: usize, panel: usize, count: i32, from: usize, to: usize): void {
  const bytes = Panel.rowBytes(panel);
  for (let i: usize = 0; i < bytes; i += 32) {
    const a = powerOf(i32x4.sub(v128.load(from + i, 0), v128.load(to + i, 0)));
    const b = powerOf(i32x4.sub(v128.load(from + i, 16), v128.load(to + i, 16)));
    let at = Lane.features(lane) + i;
    for (let j = 0; j < count; j++) {
      const x = f32x4.mul(v128.load(at, 0), a);
      const y = f32x4.mul(v128.load(at, 16), b);
      v128.store(at, x, 0);
      v128.store(at, y, 16);
      at += QUERY_ROW;
    }
  }
}

/** Opens a chunk of queries that read two states together: finds the largest exponent of each. */
export function openQueries(call: usize, lane: usize, from: usize, count: i32, a: usize, b: usize): void {
  const d = Call.d(call);
  copyRows(from, <usize>d << 2, count, <usize>d << 2, Lane.queryRows(lane), QUERY_ROW);
  for (let p = 0; p < Call.mapPanelCount(call); p++) {
    const panel = Call.mapPanel(call, p);
    queryExponents(call, lane, panel, count);
    raiseTops(lane, panel, count, a, b, p == 0);
  }
}

/** The largest exponents of a chunk's queries in a panel, and in those before. */
function raiseTops(lane: usize, panel: usize, count: i32, a: usize, b: usize, begins: bool): void {
  const scales = Panel.scales(panel);
  for (let r = 0; r < count; r++) {
    const top = topOf(Lane.queries(lane) + <usize>r * QUERY_ROW, a + scales, b + scales, Panel.rowBytes(panel));
    const at = Lane.maximum(lane) + (<usize>r << 2);
    store<i32>(at, begins ? top : max(top, load<i32>(at)));
  }
}

/** Opens one key, that a state is to take in, and one query that reads it: of a map with one panel, whose weights are then read once. */
export function openBoth(call: usize, lane: usize, key: usize, query: usize, state: usize): void {
  const bytes: usize = <usize>Call.d(call) << 2;
  const panel = Call.mapPanel(call, 0);
  const rows = Lane.queryRows(lane);
  copyRow(query, bytes, rows);
  copyRow(key, bytes, rows + QUERY_ROW);
  store<f32>(Lane.total(lane), squares(rows + QUERY_ROW, Call.d(call)) * Call.mapFactor(call));
  project(call, rows, 2, 0, Panel.count(panel), Lane.queries(lane));
  copyRow(Lane.queries(lane) + QUERY_ROW, Panel.rowBytes(panel), Lane.features(lane));
  hideRest(lane, panel, 1);
  settle(call, lane, 1, state);
  raiseTops(lane, panel, 1, state, state, true);
}

/** w·q of a chunk's queries and a panel of features, into the lane's queries. */
function queryExponents(call: usize, lane: usize, panel: usize, count: i32): void {
  project(call, Lane.queryRows(lane), count, Panel.first(panel), Panel.count(panel), Lane.queries(lane));
  hideRest(lane, panel, count);
}

/** Gives queries a weight of 0 beyond the last feature. */
function hideRest(lane: usize, panel: usize, count: i32): void {
  if ((Panel.count(panel) & 7) == 0) return;
  for (let r: usize = 0; r < <usize>count; r++) {
    const row = Lane.queries(lane) + r * QUERY_ROW;
    for (let f = Panel.count(panel); (f & 7) != 0; f++) store<f32>(row + (<usize>f << 2), NEVER);
  }
}

/** The largest b + m of a row. */
function topOf(row: usize, ma: usize, mb: usize, bytes: usize): i32 {
  let a = i32x4.splat(2 * NONE), b = a;
  for (let i: usize = 0; i < bytes; i += 32) {
    a = i32x4.max_s(a, i32x4.add(nearest(v128.load(row + i, 0)), i32x4.max_s(v128.load(ma + i, 0), v128.load(mb + i, 0))));
    b = i32x4.max_s(b, i32x4.add(nearest(v128.load(row + i, 16)), i32x4.max_s(v128.load(ma + i, 16), v128.load(mb + i, 16))));
  }
  const top = i32x4.max_s(a, b);
  return max(max(i32x4.extract_lane(top, 0), i32x4.extract_lane(top, 1)), max(i32x4.extract_lane(top, 2), i32x4.extract_lane(top, 3)));
}

/** The weights of a panel of features for a chunk of opened queries, for a state with these m, into the lane's queries. */
export function queryWeights(call: usize, lane: usize, panel: usize, count: i32, m: usize): void {
  if (Call.mapPanelCount(call) > 1) queryExponents(call, lane, panel, count);
  const bytes = Panel.rowBytes(panel);
  for (let r: usize = 0; r < <usize>count; r++) {
    const row = Lane.queries(lane) + r * QUERY_ROW;
    const top = v128.load32_splat(Lane.maximum(lane) + (r << 2));
    for (let i: usize = 0; i < bytes; i += 32) {
      const a = powerLess(v128.load(row + i, 0), i32x4.sub(top, v128.load(m + i, 0)));
      const b = powerLess(v128.load(row + i, 16), i32x4.sub(top, v128.load(m + i, 16)));
      v128.store(row + i, a, 0);
      v128.store(row + i, b, 16);
    }
  }
}

/** A panel of `a` plus `b`, each in its own m, in the larger of both: rows at `rows`, sums and m behind them at `sums` and `m`. */
export function joinScaled(call: usize, panel: usize, a: usize, b: usize, rows: usize, sums: usize, m: usize, scratch: usize): void {
  const bytes = Panel.rowBytes(panel);
  const inB: usize = scratch + bytes;
  const ma = a + Panel.scales(panel), mb = b + Panel.scales(panel);
  const za = a + Panel.sums(panel), zb = b + Panel.sums(panel);
  for (let i: usize = 0; i < bytes; i += 16) {
    const x = v128.load(ma + i), y = v128.load(mb + i);
    const larger = i32x4.max_s(x, y);
    const fx = powerOf(i32x4.sub(x, larger)), fy = powerOf(i32x4.sub(y, larger));
    v128.store(scratch + i, fx);
    v128.store(inB + i, fy);
    v128.store(sums + i, f32x4.add(f32x4.mul(v128.load(za + i), fx), f32x4.mul(v128.load(zb + i), fy)));
    v128.store(m + i, larger);
  }
  const rowBytes: usize = <usize>Call.width(call) << 2;
  let from = a + Panel.rows(panel), other = b + Panel.rows(panel);
  for (let f: usize = 0; f < <usize>Panel.count(panel); f++) {
    const fx = v128.load32_splat(scratch + (f << 2)), fy = v128.load32_splat(inB + (f << 2));
    for (let i: usize = 0; i < rowBytes; i += 32) {
      const s0 = f32x4.add(f32x4.mul(v128.load(from + i, 0), fx), f32x4.mul(v128.load(other + i, 0), fy));
      const s1 = f32x4.add(f32x4.mul(v128.load(from + i, 16), fx), f32x4.mul(v128.load(other + i, 16), fy));
      v128.store(rows + i, s0, 0);
      v128.store(rows + i, s1, 16);
    }
    from += rowBytes;
    other += rowBytes;
    rows += rowBytes;
  }
}
