import { Call } from "./call";
import { features } from "./features";
import { PANEL_KEYS } from "./generated/layout";
import { multiplyAdd } from "./generated/micro";
import { Lane } from "./lane";
import { writeScaled } from "./rows";
import { addChunk, normaliser } from "./state";

/** Adds the `count` tokens whose keys and values are in the call to the state of one slice: what as many steps add, bit by bit. */
export function addTokens(call: usize, lane: usize, slice: i32, count: i32): void {
  features(Call.k(call), count, Call.d(call), Lane.features(lane));
  addChunk(call, lane, 0, count, Call.state(call, slice));
}

/** One token in every slice, `[slices, d]` in the call: adds its key and value to the state, and reads that with its query. */
export function decodeFeatures(call: usize, lane: usize): void {
  const d = Call.d(call);
  const slices = Call.slices(call);
  const rowBytes: usize = <usize>Call.width(call) << 2;
  for (let slice = 0; slice < slices; slice++) {
    const at: usize = <usize>(slice * d) << 2;
    const state = Call.state(call, slice);
    features(Call.q(call) + at, 1, d, Lane.queries(lane));
    features(Call.k(call) + at, 1, d, Lane.features(lane));
    const divisor = addKey(normaliser(call, state), Lane.features(lane), Lane.queries(lane), d) + Call.factor(call);
    const pairs = d & ~1;
    for (let i: usize = 0; i < rowBytes; i += PANEL_KEYS << 2) {
      addColumns(state + i, rowBytes, Call.v(call) + at + i, Lane.features(lane), Lane.queries(lane), pairs, Lane.output(lane) + i);
    }
    if (pairs < d) {
      const last: usize = <usize>pairs << 2;
      const row = state + <usize>pairs * rowBytes;
      addRow(row, rowBytes, Call.v(call) + at, Lane.features(lane) + last, Lane.queries(lane) + last, Lane.output(lane));
    }
    writeScaled(Lane.output(lane), d, 1 / divisor, Call.out(call) + at);
  }
}

/** z += φ(k); returns φ(q)·z. All are 0 from d to the next multiple of 8. */
function addKey(z: usize, key: usize, query: usize, d: i32): f32 {
  let a = f32x4.splat(0), b = f32x4.splat(0);
  for (let i: usize = 0; i < <usize>d << 2; i += 32) {
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
