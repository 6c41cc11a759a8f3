import { channelBytes, weightOf } from "../../aft-chunks";
import { logistic } from "../../aft-gate";
import { Call } from "../../call";
import { LEAST } from "../../weigh";
import { Back, inTensor, meansOf, storeWithin, within } from "./words";

const LN_2: f32 = 0.6931471805599453;
/** A sum of `e^w`, relative to the largest of them, below which that is most of it. */
const LEAST_BIASES: f32 = 2;

/**
 * With `W = e^(w - M_i)`, M being the largest bias of a row, `E = e^(k - K)`, K being the largest key of a channel, and `G = σ(q) dout e^(K + M - L)`,
 * the weight of a pair is `W E e^(K + M - L)`, and all that is summed over pairs is products of W, as of softmax attention whose values are
 * `[E (v - c), E]` and whose dout is `[G, -G (m - c)]`: what keys get, and the gradient of w. c is any number: that of the last row's mean keeps
 * differences of values and means from being lost where one key outweighs the others.
 */

/** The largest keys of channels `first … end-1`, NaN left out, and what is subtracted from values. */
export function largestKeys(call: usize, first: i32, end: i32): void {
  const b = Call.gradient(call);
  const step: usize = <usize>Call.d(call) << 2;
  const last = meansOf(call, b, Call.length(call) - 1);
  for (let i: usize = <usize>first << 2; i < <usize>end << 2; i += 32) {
    let x = f32x4.splat(LEAST), y = f32x4.splat(LEAST);
    let key = inTensor(call, b, Call.k(call), 0) + i;
    for (let token = 0; token < Call.length(call); token++, key += step) {
      x = f32x4.pmax(x, v128.load(key, 0));
      y = f32x4.pmax(y, v128.load(key, 16));
    }
    v128.store(Back.largest(b) + i, x, 0);
    v128.store(Back.largest(b) + i, y, 16);
    v128.store(Back.centre(b) + i, finiteOr0(v128.load(last + i, 0)), 0);
    v128.store(Back.centre(b) + i, finiteOr0(v128.load(last + i, 16)), 16);
  }
}

@inline
function finiteOr0(x: v128): v128 { return v128.and(x, f32x4.lt(f32x4.abs(x), f32x4.splat(Infinity))); }

/** Makes of keys and values what tiles read. */
export function openKeys(call: usize, from: i32, to: i32): void {
  const b = Call.gradient(call);
  const half = Back.bytes(b);
  const count = Back.count(b);
  for (let token = from; token < to; token++) {
    const key = inTensor(call, b, Call.k(call), token);
    const value = inTensor(call, b, Call.v(call), token);
    const row = Back.values(b, token);
    for (let i: usize = 0; i < half; i += 16) {
      const is = within(i, count);
      const weight = v128.and(is, weightOf(f32x4.sub(v128.load(key + i), v128.load(Back.largest(b) + i))));
      const moved = f32x4.sub(v128.load(value + i), v128.load(Back.centre(b) + i));
      v128.store(row + i, v128.and(is, f32x4.mul(weight, moved)));
      v128.store(row + half + i, weight);
    }
  }
}

/** Makes of rows what tiles read, and writes dq. Rows whose weights are nearly 0 all over, or nearly all one, are left out, and marked. */
export function openRows(call: usize, from: i32, to: i32): void {
  const b = Call.gradient(call);
  const half = Back.bytes(b);
  for (let row = from; row < to; row++) {
    const left = Call.leftMaxima(call) + (<usize>row << 3);
    const maximum = load<f32>(left, 0);
    store<f32>(Back.pair(b, row), maximum, 0);
    store<f32>(Back.pair(b, row), 1, 4);
    const bias = maximum * LN_2;
    // Where one bias outweighs all others the sums of rows have lost what differs from one to the next.
    const apart = !(load<f32>(left, 4) >= LEAST_BIASES) || isApart(call, b, row, bias);
    store<i32>(Back.apart(b, row), i32(apart));
    writeQuery(call, b, row);
    if (apart) memory.fill(Back.along(b, row), 0, half << 1);
    else openRow(call, b, row, bias);
  }
}

/** Whether some channel's sum is lost among products with W and E, or is not a number. */
function isApart(call: usize, b: usize, row: i32, bias: f32): bool {
  const logs = meansOf(call, b, row) + channelBytes(call);
  const least = f32x4.splat(<f32>(-80 * LN_2));
  const m = f32x4.splat(bias);
  for (let i: usize = 0; i < Back.bytes(b); i += 16) {
    const total = f32x4.sub(f32x4.sub(v128.load(logs + i), v128.load(Back.largest(b) + i)), m);
    if (!i32x4.all_true(v128.or(f32x4.ge(total, least), v128.not(within(i, Back.count(b)))))) return true;
  }
  return false;
}

function openRow(call: usize, b: usize, row: i32, bias: f32): void {
  const half = Back.bytes(b);
  const means = meansOf(call, b, row);
  const query = inTensor(call, b, Call.q(call), row);
  const dout = inTensor(call, b, Call.out(call), row);
  const m = f32x4.splat(bias);
  const to = Back.along(b, row);
  for (let i: usize = 0; i < half; i += 16) {
    const gated = f32x4.mul(logistic(v128.load(query + i)), v128.load(dout + i));
    const power = f32x4.sub(f32x4.add(v128.load(Back.largest(b) + i), m), v128.load(means + channelBytes(call) + i));
    const some = v128.and(within(i, Back.count(b)), f32x4.ne(gated, f32x4.splat(0)));
    const along = v128.and(some, f32x4.mul(gated, weightOf(power)));
    v128.store(to + i, along);
    v128.store(to + half + i, v128.and(some, f32x4.mul(along, f32x4.sub(v128.load(Back.centre(b) + i), v128.load(means + i)))));
  }
}

/** `dq = dout m σ(q) σ(-q)`. */
@inline
export function writeQuery(call: usize, b: usize, row: i32): void {
  writeQueryFrom(call, b, row, meansOf(call, b, row));
}

export function writeQueryFrom(call: usize, b: usize, row: i32, means: usize): void {
  const query = inTensor(call, b, Call.q(call), row);
  const dout = inTensor(call, b, Call.out(call), row);
  const to = inTensor(call, b, Back.dq(b), row);
  for (let i: usize = 0; i < Back.bytes(b); i += 16) {
    const q = v128.load(query + i);
    const gated = f32x4.mul(logistic(q), v128.load(dout + i));
    const slope = f32x4.mul(f32x4.mul(gated, v128.load(means + i)), logistic(f32x4.neg(q)));
    storeWithin(to, i, Back.count(b), v128.and(f32x4.ne(gated, f32x4.splat(0)), slope));
  }
}

/** dk and dv of keys `from … to-1`, of what tiles have summed. */
export function finishKeys(call: usize, from: i32, to: i32): void {
  const b = Call.gradient(call);
  const half = Back.bytes(b);
  for (let token = from; token < to; token++) {
    const values = Back.values(b, token);
    const sums = Back.sums(b, token);
    const dk = inTensor(call, b, Back.dk(b), token);
    const dv = inTensor(call, b, Back.dv(b), token);
    for (let i: usize = 0; i < half; i += 16) {
      const along = v128.load(sums + i), weight = v128.load(values + half + i);
      storeWithin(dv, i, Back.count(b), f32x4.mul(weight, along));
      const moved = f32x4.add(f32x4.mul(v128.load(values + i), along), f32x4.mul(weight, v128.load(sums + half + i)));
      storeWithin(dk, i, Back.count(b), moved);
    }
  }
}
