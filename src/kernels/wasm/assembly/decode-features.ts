import { Call } from "./call";
import { isScaled } from "./features";
import {
  keyFeatures, keysFrom, openChunk, openReaders, packWeights, queriesFrom, queryFeatures, readAll, takeTokens, writeChunk,
} from "./feature-map";
import { PANEL_KEYS, QUERIES } from "./generated/layout";
import { multiplyAdd } from "./generated/micro";
import { Lane } from "./lane";
import { openBoth } from "./maps/favor";
import { Panel } from "./panel";
import { writeScaled } from "./rows";
import { addChunk, clearState } from "./state";

/** Packs the weights of one head of k and v, which are in the call. */
export function packHead(call: usize, head: i32): void {
  Call.pointAtHead(call, head);
  packWeights(call);
}

/** Makes every state that of no tokens. */
export function clearStates(call: usize): void {
  for (let slice = 0; slice < Call.slices(call); slice++) clearState(call, Call.state(call, slice));
}

/** Adds the `count` tokens whose keys and values are in the call to the state of one slice: what as many steps add, bit by bit. */
export function addTokens(call: usize, lane: usize, slice: i32, count: i32): void {
  Call.pointAtHead(call, slice);
  takeTokens(call, lane, 0, count, Call.state(call, slice));
}

/** One token in every slice, `[slices, d]` in the call: adds its key and value to the state, and reads that with its queries. */
export function decodeFeatures(call: usize, lane: usize): void {
  const slices = Call.slices(call);
  const sharers = Call.sharers(call);
  for (let slice = 0; slice < slices; slice++) {
    const state = Call.state(call, slice);
    Call.pointAtHead(call, slice);
    if (sharers == 1) addAndRead(call, lane, slice, state);
    else {
      openChunk(call, lane, slice, 1, state);
      addKeyOf(call, lane, slice, state);
      const end = (slice + 1) * sharers;
      for (let first = slice * sharers; first < end; first += QUERIES) {
        const count = min(QUERIES, end - first);
        readAll(call, lane, first, count, state);
        writeChunk(call, lane, first, count);
      }
    }
  }
}

/** Adds the opened key of a slice, and its value. */
function addKeyOf(call: usize, lane: usize, slice: i32, state: usize): void {
  for (let p = 0; p < Call.mapPanelCount(call); p++) {
    const panel = Call.mapPanel(call, p);
    keyFeatures(call, lane, panel, slice, 1, state);
    addChunk(call, lane, panel, slice, 1, state);
  }
}

/** Adds the key and value of a slice to its state, and reads that with its only query, in one pass over it. */
function addAndRead(call: usize, lane: usize, slice: i32, state: usize): void {
  const rowBytes: usize = <usize>Call.width(call) << 2;
  const valueDim = Call.valueDim(call);
  const value = Call.v(call) + (<usize>(slice * valueDim) << 2);
  const output = Lane.output(lane);
  if (isScaled(call) && Call.mapPanelCount(call) == 1) {
    openBoth(call, lane, keysFrom(call, slice), queriesFrom(call, slice), state);
  } else {
    openChunk(call, lane, slice, 1, state);
    openReaders(call, lane, slice, 1, state, state);
  }
  let divisor = Call.factor(call);
  for (let p = 0; p < Call.mapPanelCount(call); p++) {
    const panel = Call.mapPanel(call, p);
    keyFeatures(call, lane, panel, slice, 1, state);
    queryFeatures(call, lane, panel, slice, 1, state + Panel.scales(panel));
    divisor = addKey(state + Panel.sums(panel), Lane.features(lane), Lane.queries(lane), Panel.rowBytes(panel)) + divisor;
    const sums = p == 0 ? output : Lane.mapScratch(lane);
    addPanel(state + Panel.rows(panel), rowBytes, value, Lane.features(lane), Lane.queries(lane), Panel.count(panel), sums);
    if (p > 0) addRowOf(sums, output, rowBytes);
  }
  writeScaled(output, valueDim, 1 / divisor, Call.out(call) + (<usize>(slice * valueDim) << 2));
}

function addRowOf(from: usize, to: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) v128.store(to + i, f32x4.add(v128.load(to + i), v128.load(from + i)));
}

/** S += φ(k) vᵀ and out = φ(q)ᵀ S, in the rows of one panel. */
@inline
function addPanel(rows: usize, rowBytes: usize, value: usize, key: usize, query: usize, count: i32, out: usize): void {
  const pairs = count & ~1;
  for (let i: usize = 0; i < rowBytes; i += PANEL_KEYS << 2) {
    addColumns(rows + i, rowBytes, value + i, key, query, pairs, out + i);
  }
  if (pairs == count) return;
  const last: usize = <usize>pairs << 2;
  addRow(rows + <usize>pairs * rowBytes, rowBytes, value, key + last, query + last, out);
}

/** z += φ(k); returns φ(q)·z. They are filled up with 0. */
function addKey(z: usize, key: usize, query: usize, bytes: usize): f32 {
  let a = f32x4.splat(0), b = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 32) {
    const z0 = f32x4.add(v128.load(z + i, 0), v128.load(key + i, 0));
    const z1 = f32x4.add(v128.load(z + i, 16), v128.load(key + i, 16));
    v128.store(z + i, z0, 0);
    v128.store(z + i, z1, 16);
    a = f32x4.add(a, f32x4.mul(z0, v128.load(query + i, 0)));
    b = f32x4.add(b, f32x4.mul(z1, v128.load(query + i, 16)));
  }
  const sum = f32x4.add(a, b);
  return (f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1)) + (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3));
}

/**
 * S += φ(k) vᵀ and out = φ(q)ᵀ S in an even number of rows and 8 columns, or 16, in one pass. Two rows at a time, whose sums are
 * joined at the end, so that additions do not wait for one another.
 */
function addColumns(state: usize, rowBytes: usize, value: usize, key: usize, query: usize, rows: i32, out: usize): void {
  const v0 = v128.load(value, 0), v1 = v128.load(value, 16);
  let a0 = f32x4.splat(0), a1 = f32x4.splat(0), b0 = f32x4.splat(0), b1 = f32x4.splat(0);
  if (PANEL_KEYS == 8) {
    for (let row = 0; row < rows; row += 2) {
      const next = state + rowBytes;
      const k0 = v128.load32_splat(key, 0), k1 = v128.load32_splat(key, 4);
      const q0 = v128.load32_splat(query, 0), q1 = v128.load32_splat(query, 4);
      const s0 = multiplyAdd(k0, v0, v128.load(state, 0)), s1 = multiplyAdd(k0, v1, v128.load(state, 16));
      const t0 = multiplyAdd(k1, v0, v128.load(next, 0)), t1 = multiplyAdd(k1, v1, v128.load(next, 16));
      v128.store(state, s0, 0);
      v128.store(state, s1, 16);
      v128.store(next, t0, 0);
      v128.store(next, t1, 16);
      a0 = f32x4.add(a0, f32x4.mul(q0, s0));
      a1 = f32x4.add(a1, f32x4.mul(q0, s1));
      b0 = f32x4.add(b0, f32x4.mul(q1, t0));
      b1 = f32x4.add(b1, f32x4.mul(q1, t1));
      state = next + rowBytes;
      key += 8;
      query += 8;
    }
  } else {
    const v2 = v128.load(value, 32), v3 = v128.load(value, 48);
    let a2 = f32x4.splat(0), a3 = f32x4.splat(0), b2 = f32x4.splat(0), b3 = f32x4.splat(0);
    for (let row = 0; row < rows; row += 2) {
      const next = state + rowBytes;
      const k0 = v128.load32_splat(key, 0), k1 = v128.load32_splat(key, 4);
      const q0 = v128.load32_splat(query, 0), q1 = v128.load32_splat(query, 4);
      const s0 = multiplyAdd(k0, v0, v128.load(state, 0)), s1 = multiplyAdd(k0, v1, v128.load(state, 16));
      const s2 = multiplyAdd(k0, v2, v128.load(state, 32)), s3 = multiplyAdd(k0, v3, v128.load(state, 48));
      const t0 = multiplyAdd(k1, v0, v128.load(next, 0)), t1 = multiplyAdd(k1, v1, v128.load(next, 16));
      const t2 = multiplyAdd(k1, v2, v128.load(next, 32)), t3 = multiplyAdd(k1, v3, v128.load(next, 48));
      v128.store(state, s0, 0);
      v128.store(state, s1, 16);
      v128.store(state, s2, 32);
      v128.store(state, s3, 48);
      v128.store(next, t0, 0);
      v128.store(next, t1, 16);
      v128.store(next, t2, 32);
      v128.store(next, t3, 48);
      a0 = f32x4.add(a0, f32x4.mul(q0, s0));
      a1 = f32x4.add(a1, f32x4.mul(q0, s1));
      a2 = f32x4.add(a2, f32x4.mul(q0, s2));
      a3 = f32x4.add(a3, f32x4.mul(q0, s3));
      b0 = f32x4.add(b0, f32x4.mul(q1, t0));
      b1 = f32x4.add(b1, f32x4.mul(q1, t1));
      b2 = f32x4.add(b2, f32x4.mul(q1, t2));
      b3 = f32x4.add(b3, f32x4.mul(q1, t3));
      state = next + rowBytes;
      key += 8;
      query += 8;
    }
    v128.store(out, f32x4.add(a2, b2), 32);
    v128.store(out, f32x4.add(a3, b3), 48);
  }
  v128.store(out, f32x4.add(a0, b0), 0);
  v128.store(out, f32x4.add(a1, b1), 16);
}

/** The same in one row and all columns, on top of what `out` holds: a row of zeros beside an odd one would make NaN of an infinite v. */
function addRow(state: usize, rowBytes: usize, value: usize, key: usize, query: usize, out: usize): void {
  const k = v128.load32_splat(key), q = v128.load32_splat(query);
  for (let i: usize = 0; i < rowBytes; i += 16) {
    const s = multiplyAdd(k, v128.load(value + i), v128.load(state + i));
    v128.store(state + i, s);
    v128.store(out + i, f32x4.add(v128.load(out + i), f32x4.mul(q, s)));
  }
}
