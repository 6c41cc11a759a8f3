import { channelBytes, weightOf } from "../../aft-chunks";
import { logistic } from "../../aft-gate";
import { Call } from "../../call";
import { Back, inTensor, meansOf, storeWithin, within } from "./words";

/** Rows whose sums are added up by themselves. */
const TOGETHER = 64;

/** Adds what the marked rows bring, each pair by itself. What they bring to keys is summed where the values of tiles were. */
export function addRowsApart(call: usize): void {
  const b = Call.gradient(call);
  const length = Call.length(call);
  let open = 0;
  for (let row = 0; row < length; row++) {
    if (load<i32>(Back.apart(b, row)) == 0) continue;
    if (open == 0) memory.fill(Back.values(b, 0), 0, <usize>length * (Back.bytes(b) << 1));
    addRow(call, b, row);
    if (++open < TOGETHER) continue;
    addToKeys(call, b);
    open = 0;
  }
  if (open > 0) addToKeys(call, b);
}

function addRow(call: usize, b: usize, row: i32): void {
  const half = Back.bytes(b);
  const means = meansOf(call, b, row);
  // `σ(q) dout` of the row.
  const along = Back.along(b, row);
  const query = inTensor(call, b, Call.q(call), row);
  const dout = inTensor(call, b, Call.out(call), row);
  let any: i32 = 0;
  for (let i: usize = 0; i < half; i += 16) {
    const gated = v128.and(within(i, Back.count(b)), f32x4.mul(logistic(v128.load(query + i)), v128.load(dout + i)));
    v128.store(along + i, gated);
    any |= i32x4.bitmask(f32x4.ne(gated, f32x4.splat(0)));
  }
  if (any == 0) return;
  const rankBytes: usize = <usize>Call.rank(call) << 2;
  const u = Back.rowBiases(b) + <usize>row * rankBytes;
  const end = Call.causal(call) ? row + 1 : Call.length(call);
  weighRow(call, b, row, end, means);
  for (let token = 0; token < end; token++) {
    const ofBias = addPair(call, b, token, biasOf(call, b, row, token), means + channelBytes(call), along);
    if (!isBiased(call, row, token)) continue;
    const w = Back.keyBiases(b) + <usize>token * rankBytes;
    addScaled(Back.ofRowBiases(b) + <usize>row * rankBytes, w, ofBias, rankBytes);
    addScaled(Back.ofKeyBiases(b) + <usize>token * rankBytes, u, ofBias, rankBytes);
  }
}

@inline
function isBiased(call: usize, row: i32, token: i32): bool { return Call.window(call) == 0 || abs(row - token) < Call.window(call); }

function biasOf(call: usize, b: usize, row: i32, token: i32): f32 {
  if (!isBiased(call, row, token)) return 0;
  const bytes: usize = <usize>Call.rank(call) << 2;
  const u = Back.rowBiases(b) + <usize>row * bytes;
  const w = Back.keyBiases(b) + <usize>token * bytes;
  let sum: f32 = 0;
  for (let r: usize = 0; r < bytes; r += 4) sum += load<f32>(u + r) * load<f32>(w + r);
  return sum;
}

/**
 * Sums the weights of a row, where the largest keys were, and by how much their mean is off what was left, which is where values were
 * centred: it takes the roundings of a quotient away where one value is nearly all of it. What goes on is divided by that sum.
 */
function weighRow(call: usize, b: usize, row: i32, end: i32, means: usize): void {
  const half = Back.bytes(b);
  const totals = Back.largest(b), centre = Back.centre(b);
  memory.fill(totals, 0, half);
  memory.fill(centre, 0, half);
  for (let token = 0; token < end; token++) {
    const bias = f32x4.splat(biasOf(call, b, row, token));
    const key = inTensor(call, b, Call.k(call), token);
    const value = inTensor(call, b, Call.v(call), token);
    for (let i: usize = 0; i < half; i += 16) {
      const weight = weightOf(f32x4.sub(f32x4.add(v128.load(key + i), bias), v128.load(means + channelBytes(call) + i)));
      v128.store(totals + i, f32x4.add(v128.load(totals + i), weight));
      const apart = f32x4.sub(v128.load(value + i), v128.load(means + i));
      v128.store(centre + i, f32x4.add(v128.load(centre + i), f32x4.mul(weight, apart)));
    }
  }
  const along = Back.along(b, row);
  for (let i: usize = 0; i < half; i += 16) {
    const total = v128.load(totals + i);
    v128.store(centre + i, f32x4.add(v128.load(means + i), f32x4.div(v128.load(centre + i), total)));
    v128.store(along + i, v128.and(within(i, Back.count(b)), f32x4.div(v128.load(along + i), total)));
  }
}

/** Adds what a pair brings to its key; returns the gradient of its bias. */
function addPair(call: usize, b: usize, token: i32, bias: f32, logs: usize, along: usize): f32 {
  const half = Back.bytes(b);
  const key = inTensor(call, b, Call.k(call), token);
  const value = inTensor(call, b, Call.v(call), token);
  const to = Back.values(b, token);
  let sum = f32x4.splat(0);
  for (let i: usize = 0; i < half; i += 16) {
    const is = within(i, Back.count(b));
    const power = f32x4.sub(f32x4.add(v128.load(key + i), f32x4.splat(bias)), v128.load(logs + i));
    const share = v128.and(is, f32x4.mul(weightOf(power), v128.load(along + i)));
    const moved = v128.and(is, f32x4.mul(share, f32x4.sub(v128.load(value + i), v128.load(Back.centre(b) + i))));
    v128.store(to + i, f32x4.add(v128.load(to + i), share));
    v128.store(to + half + i, f32x4.add(v128.load(to + half + i), moved));
    sum = f32x4.add(sum, moved);
  }
  return (f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1)) + (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3));
}

function addScaled(to: usize, from: usize, factor: f32, bytes: usize): void {
  for (let r: usize = 0; r < bytes; r += 4) store<f32>(to + r, load<f32>(to + r) + factor * load<f32>(from + r));
}

/** Adds the sums to dk and dv. */
function addToKeys(call: usize, b: usize): void {
  const half = Back.bytes(b);
  for (let token = 0; token < Call.length(call); token++) {
    const sums = Back.values(b, token);
    const dk = inTensor(call, b, Back.dk(b), token);
    const dv = inTensor(call, b, Back.dv(b), token);
    for (let i: usize = 0; i < half; i += 16) {
      storeWithin(dv, i, Back.count(b), f32x4.add(v128.load(dv + i), v128.load(sums + i)));
      storeWithin(dk, i, Back.count(b), f32x4.add(v128.load(dk + i), v128.load(sums + half + i)));
    }
  }
}
