import { channelBytes, weightOf } from "./aft-chunks";
import { Call } from "./call";
import { Lane } from "./lane";
import { log } from "./log";
import { writeScaled } from "./rows";
import { LEAST } from "./weigh";

/**
 * A sum of weights below this, 2^-80, has lost what counts: the biases of its row lie so far apart that all products with the weights of keys
 * are nearly 0. The row is then computed key by key.
 */
const LEAST_TOTAL: f32 = 8.271806125530277e-25;

const LN_2: f32 = 0.6931471805599453;

/** 1 / (1 + e^-x) in every lane. */
@inline
export function logistic(x: v128): v128 {
  const small = weightOf(f32x4.neg(f32x4.abs(x)));
  const one = f32x4.splat(1);
  return f32x4.div(v128.bitselect(one, small, f32x4.ge(x, f32x4.splat(0))), f32x4.add(one, small));
}

/**
 * Divides a row's weighted values by its weights, `[2, channels]`, gates them by its query, and writes them. They are relative to the largest
 * keys, and to the largest bias of the row in powers of 2, as is `total`, the sum of `e^w`.
 */
export function finishRow(call: usize, lane: usize, row: i32, sums: usize, largest: usize, maximum: f32, total: f32): void {
  const half = channelBytes(call);
  const d = Call.d(call);
  const lost = hasLost(sums + half, d);
  if (lost) sumKeyByKey(call, lane, row, sums);
  if (Call.sums(call) != 0) leaveRow(call, row, sums, lost ? Lane.local(lane) : largest, lost ? 0 : maximum, maximum, total);
  const bytes: usize = <usize>d << 2;
  const query = Call.q(call) + <usize>row * bytes;
  for (let i: usize = 0; i < half; i += 16) {
    const mean = f32x4.div(v128.load(sums + i), v128.load(sums + half + i));
    v128.store(sums + i, f32x4.mul(logistic(v128.load(query + i)), mean));
  }
  writeScaled(sums, d, 1, Call.out(call) + <usize>row * bytes);
}

/**
 * Leaves what a row's weights are made with once more: the mean of each channel, and the logarithm of its sum, which is relative to `largest`
 * and to `relative`; the largest bias, and the sum of `e^w` relative to that.
 */
function leaveRow(call: usize, row: i32, sums: usize, largest: usize, relative: f32, maximum: f32, ofBiases: f32): void {
  const half = channelBytes(call);
  const to = Call.sums(call) + <usize>row * (half << 1);
  const bias = f32x4.splat(relative * LN_2);
  for (let i: usize = 0; i < half; i += 16) {
    const total = v128.load(sums + half + i);
    v128.store(to + i, f32x4.div(v128.load(sums + i), total));
    v128.store(to + half + i, f32x4.add(f32x4.add(v128.load(largest + i), bias), log(total)));
  }
  const pair = Call.leftMaxima(call) + (<usize>row << 3);
  store<f32>(pair, maximum, 0);
  store<f32>(pair, ofBiases, 4);
}

function hasLost(totals: usize, d: i32): bool {
  const least = f32x4.splat(LEAST_TOTAL);
  let any: i32 = 0;
  let c = 0;
  for (; c + 4 <= d; c += 4) any |= i32x4.bitmask(f32x4.lt(v128.load(totals + (<usize>c << 2)), least));
  for (; c < d; c++) any |= i32(load<f32>(totals + (<usize>c << 2)) < LEAST_TOTAL);
  return any != 0;
}

/** A row by the definition: the largest logit of each channel, and then the sums relative to it. */
function sumKeyByKey(call: usize, lane: usize, row: i32, sums: usize): void {
  const half = channelBytes(call);
  const keyBytes: usize = <usize>Call.d(call) << 2;
  const largest = Lane.local(lane);
  const end = Call.causal(call) ? row + 1 : Call.length(call);
  for (let i: usize = 0; i < half; i += 16) v128.store(largest + i, f32x4.splat(LEAST));
  for (let key = 0, at = Call.k(call); key < end; key++, at += keyBytes) {
    const bias = f32x4.splat(biasOf(call, row, key));
    for (let i: usize = 0; i < half; i += 16) {
      v128.store(largest + i, f32x4.pmax(v128.load(largest + i), f32x4.add(bias, v128.load(at + i))));
    }
  }
  memory.fill(sums, 0, half << 1);
  const values = Call.v(call) - Call.k(call);
  for (let key = 0, at = Call.k(call); key < end; key++, at += keyBytes) {
    const bias = f32x4.splat(biasOf(call, row, key));
    for (let i: usize = 0; i < half; i += 16) {
      const weight = weightOf(f32x4.sub(f32x4.add(bias, v128.load(at + i)), v128.load(largest + i)));
      v128.store(sums + i, f32x4.add(v128.load(sums + i), f32x4.mul(weight, v128.load(at + values + i))));
      v128.store(sums + half + i, f32x4.add(v128.load(sums + half + i), weight));
    }
  }
}

function biasOf(call: usize, row: i32, key: i32): f32 {
  const window = Call.window(call);
  if (window != 0 && abs(row - key) >= window) return 0;
  const bytes: usize = <usize>Call.rank(call) << 2;
  const u = Call.rowBiases(call) + <usize>row * bytes;
  const w = Call.keyBiases(call) + <usize>key * bytes;
  let sum: f32 = 0;
  for (let r: usize = 0; r < bytes; r += 4) sum += load<f32>(u + r) * load<f32>(w + r);
  return sum;
}
