import { Call } from "./call";
import { isScaled } from "./features";
import {
  blockOf, keyFeatures, keysFrom, openChunk, openReaders, packWeights, queriesFrom, queryFeatures, readAll, takeTokens, writeChunk,
} from "./feature-map";
import { QUERIES } from "./generated/layout";
import { multiplyAdd } from "./generated/micro";
import { Lane } from "./lane";
import { openBoth } from "./maps/favor";
import { Panel } from "./panel";
import { writeScaled } from "./rows";
import { addChunk, clearState, inverseOf } from "./state";

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
    addPanel(call, panel, state + Panel.rows(panel), value, Lane.features(lane), Lane.queries(lane), output, p == 0);
  }
  writeScaled(output, valueDim, inverseOf(divisor), Call.out(call) + (<usize>(slice * valueDim) << 2));
}

/**
 * S += φ(k) vᵀ and out = φ(q)ᵀ S, in the rows of one panel, summed in the order of `readPanel`: a query that shares its state with
 * others, and is read by that, gets the same bits.
 */
@inline
function addPanel(
  call: usize, panel: usize, rows: usize, value: usize, key: usize, query: usize, out: usize, begins: bool,
): void {
  const rowBytes: usize = <usize>Call.width(call) << 2;
  const count = Panel.count(panel);
  const block = blockOf(call, panel);
  for (let f = 0; f < count; f += block) {
    const here = min(block, count - f);
    const at: usize = <usize>f << 2;
    const from = rows + <usize>f * rowBytes;
    const first = begins && f == 0;
    let i: usize = 0;
    for (; i + 64 <= rowBytes; i += 64) addColumns16(from + i, rowBytes, value + i, key + at, query + at, here, out + i, first);
    if (i < rowBytes) addColumns8(from + i, rowBytes, value + i, key + at, query + at, here, out + i, first);
  }
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

/** S += φ(k) vᵀ and out = φ(q)ᵀ S in 16 columns, in one pass; adds to `out` unless it begins. */
function addColumns16(
  state: usize, rowBytes: usize, value: usize, key: usize, query: usize, rows: i32, out: usize, begins: bool,
): void {
  const v0 = v128.load(value, 0), v1 = v128.load(value, 16), v2 = v128.load(value, 32), v3 = v128.load(value, 48);
  let a0 = f32x4.splat(0), a1 = f32x4.splat(0), a2 = f32x4.splat(0), a3 = f32x4.splat(0);
  for (let row = 0; row < rows; row++) {
    const k = v128.load32_splat(key), q = v128.load32_splat(query);
    const s0 = multiplyAdd(k, v0, v128.load(state, 0)), s1 = multiplyAdd(k, v1, v128.load(state, 16));
    const s2 = multiplyAdd(k, v2, v128.load(state, 32)), s3 = multiplyAdd(k, v3, v128.load(state, 48));
    v128.store(state, s0, 0);
    v128.store(state, s1, 16);
    v128.store(state, s2, 32);
    v128.store(state, s3, 48);
    a0 = multiplyAdd(q, s0, a0);
    a1 = multiplyAdd(q, s1, a1);
    a2 = multiplyAdd(q, s2, a2);
    a3 = multiplyAdd(q, s3, a3);
    state += rowBytes;
    key += 4;
    query += 4;
  }
  putOrAdd(out, a0, begins);
  putOrAdd(out + 16, a1, begins);
  putOrAdd(out + 32, a2, begins);
  putOrAdd(out + 48, a3, begins);
}

/** The same in 8 columns. */
function addColumns8(
  state: usize, rowBytes: usize, value: usize, key: usize, query: usize, rows: i32, out: usize, begins: bool,
): void {
  const v0 = v128.load(value, 0), v1 = v128.load(value, 16);
  let a0 = f32x4.splat(0), a1 = f32x4.splat(0);
  for (let row = 0; row < rows; row++) {
    const k = v128.load32_splat(key), q = v128.load32_splat(query);
    const s0 = multiplyAdd(k, v0, v128.load(state, 0)), s1 = multiplyAdd(k, v1, v128.load(state, 16));
    v128.store(state, s0, 0);
    v128.store(state, s1, 16);
    a0 = multiplyAdd(q, s0, a0);
    a1 = multiplyAdd(q, s1, a1);
    state += rowBytes;
    key += 4;
    query += 4;
  }
  putOrAdd(out, a0, begins);
  putOrAdd(out + 16, a1, begins);
}

@inline
function putOrAdd(at: usize, sums: v128, begins: bool): void {
  v128.store(at, begins ? sums : f32x4.add(v128.load(at), sums));
}
