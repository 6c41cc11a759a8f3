import { carriedOf, channelBytes, weightOf } from "../../aft-chunks";
import { Call } from "../../call";
import { QUERIES } from "../../generated/layout";
import { Lane } from "../../lane";
import { Back, inTensor, storeWithin } from "./words";

/**
 * Without biases. All rows weigh keys alike, or, causal, row i + 1 weighs those that row i sees less by one factor, `e^(L_i - L_i+1)`, which is
 * what its own key leaves, `1 - p`. So what keys get are sums over the rows from theirs on, `[2, channels]`: of `σ(q) dout e^(L_j - L_i)`, and of
 * that times `m_i - m_j`, m being the rows' means: where one key outweighs the others these hardly differ, and sums of m itself would lose that.
 * Segments of rows have states of their own, so that the sums are the same however many threads add them up.
 */

@inline
function firstOf(call: usize, segment: i32): i32 { return segment * Call.segmentTokens(call); }
@inline
function endOf(call: usize, segment: i32): i32 { return min(Call.length(call), (segment + 1) * Call.segmentTokens(call)); }
/** What the rows after a segment bring, as its next row has it; not causal, what all rows bring is in that of segment 0. */
@inline
function stateOf(call: usize, segment: i32): usize { return Back.states(Call.gradient(call)) + <usize>segment * (channelBytes(call) << 1); }
/** What the forward pass left of a row: its means, and behind them the logarithms of its sums. */
@inline
function leftOf(call: usize, row: i32): usize { return Call.sums(call) + <usize>row * (channelBytes(call) << 1); }

/** σ(q) and σ(-q) are `1 / (1 + e^-|q|)` and what is left of 1, or the other way round. */
@inline
function largerGate(small: v128): v128 { return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), small)); }

/** Not causal: the sum of `σ(q) dout` of a segment, and its dq. */
export function sumRows(call: usize, segment: i32): void {
  const b = Call.gradient(call);
  const end = endOf(call, segment);
  const step: usize = <usize>Call.d(call) << 2;
  const means = leftOf(call, 0);
  const to = stateOf(call, segment);
  for (let i: usize = 0; i < channelBytes(call); i += 16) {
    const mean = v128.load(means + i);
    let sum = f32x4.splat(0), carried = f32x4.splat(0);
    let query = inTensor(call, b, Call.q(call), firstOf(call, segment)) + i;
    let dout = inTensor(call, b, Call.out(call), firstOf(call, segment)) + i;
    let dq = inTensor(call, b, Back.dq(b), firstOf(call, segment));
    for (let row = firstOf(call, segment); row < end; row++) {
      const q = v128.load(query);
      const small = weightOf(f32x4.neg(f32x4.abs(q)));
      const large = largerGate(small), rest = f32x4.mul(small, large);
      const isOpen = f32x4.ge(q, f32x4.splat(0));
      const gated = f32x4.mul(v128.bitselect(large, rest, isOpen), v128.load(dout));
      const slope = f32x4.mul(f32x4.mul(gated, mean), v128.bitselect(rest, large, isOpen));
      storeWithin(dq, i, Call.d(call), v128.and(f32x4.ne(gated, f32x4.splat(0)), slope));
      const term = f32x4.sub(gated, carried);
      const total = f32x4.add(sum, term);
      carried = carriedOf(total, sum, term);
      sum = total;
      query += step;
      dout += step;
      dq += step;
    }
    v128.store(to + i, sum);
  }
}

/** dk and dv of a segment of keys, which all rows weigh alike. */
export function giveKeys(call: usize, segment: i32): void {
  const b = Call.gradient(call);
  const d = Call.d(call);
  const left = leftOf(call, 0);
  const sums = stateOf(call, 0);
  for (let token = firstOf(call, segment); token < endOf(call, segment); token++) {
    const key = inTensor(call, b, Call.k(call), token), value = inTensor(call, b, Call.v(call), token);
    const dk = inTensor(call, b, Back.dk(b), token), dv = inTensor(call, b, Back.dv(b), token);
    for (let i: usize = 0; i < channelBytes(call); i += 16) {
      const share = f32x4.mul(weightOf(f32x4.sub(v128.load(key + i), v128.load(left + channelBytes(call) + i))), v128.load(sums + i));
      storeWithin(dv, i, d, share);
      storeWithin(dk, i, d, f32x4.mul(share, f32x4.sub(v128.load(value + i), v128.load(left + i))));
    }
  }
}

/** Not causal: state 0 becomes the sum of all. Causal: each, the sums of its own rows, becomes what the rows after it bring. */
export function joinRows(call: usize, lane: usize): void {
  const segments = Call.segments(call);
  const half = channelBytes(call);
  if (!Call.causal(call)) {
    const to = stateOf(call, 0);
    for (let segment = 1; segment < segments; segment++) {
      const from = stateOf(call, segment);
      for (let i: usize = 0; i < half; i += 16) v128.store(to + i, f32x4.add(v128.load(to + i), v128.load(from + i)));
    }
    return;
  }
  const local = Lane.local(lane), after = Lane.state(lane);
  memory.fill(after, 0, half << 1);
  for (let segment = segments - 1; segment >= 0; segment--) {
    const state = stateOf(call, segment);
    memory.copy(local, state, half << 1);
    memory.copy(state, after, half << 1);
    const first = firstOf(call, segment), end = min(endOf(call, segment), Call.length(call) - 1);
    for (let i: usize = 0; i < half; i += 16) {
      const fade = weightOf(f32x4.sub(v128.load(leftOf(call, first) + half + i), v128.load(leftOf(call, end) + half + i)));
      const apart = f32x4.sub(v128.load(leftOf(call, end) + i), v128.load(leftOf(call, first) + i));
      const sum = v128.load(state + i), moved = v128.load(state + half + i);
      v128.store(after + i, f32x4.add(v128.load(local + i), f32x4.mul(fade, sum)));
      v128.store(after + half + i, f32x4.add(v128.load(local + half + i), f32x4.mul(fade, f32x4.add(moved, f32x4.mul(sum, apart)))));
    }
  }
}

/** Causal: the sums of a segment's rows, as its first row has them. */
export function sumBack(call: usize, lane: usize, segment: i32): void {
  scanRows(call, lane, segment, false);
  memory.copy(stateOf(call, segment), Lane.local(lane), channelBytes(call) << 1);
}

/** Causal: the gradients of a segment, whose place holds what the rows after it bring. */
export function scanBack(call: usize, lane: usize, segment: i32): void { scanRows(call, lane, segment, true); }

/** The same, and leaves the segment before what the rows after that bring. */
export function scanBackOn(call: usize, lane: usize, segment: i32): void {
  if (segment == Call.segments(call) - 1) memory.fill(stateOf(call, segment), 0, channelBytes(call) << 1);
  scanRows(call, lane, segment, true);
  if (segment > 0) memory.copy(stateOf(call, segment - 1), Lane.state(lane), channelBytes(call) << 1);
}

/** From the last row to the first: the sums of the segment's own rows, and with `gives` gradients, for which those after it count too. */
function scanRows(call: usize, lane: usize, segment: i32, gives: bool): void {
  const first = firstOf(call, segment);
  memory.fill(Lane.local(lane), 0, 4 * channelBytes(call));
  for (let end = endOf(call, segment); end > first; end -= QUERIES) {
    const from = max(first, end - QUERIES);
    for (let i: usize = 0; i < channelBytes(call); i += 16) scanChannels(call, lane, segment, from, end, i, gives);
  }
}

/** Rows `from … end-1`, four channels of them. The lane has the sums, what they round away, and the last row's weight of its own key. */
function scanChannels(call: usize, lane: usize, segment: i32, from: i32, end: i32, i: usize, gives: bool): void {
  const b = Call.gradient(call);
  const half = channelBytes(call);
  const d = Call.d(call);
  const step: usize = <usize>d << 2;
  const leftStep = half << 1;
  const local = Lane.local(lane) + i;
  const one = f32x4.splat(1), zero = f32x4.splat(0);
  let sum = v128.load(local), moved = v128.load(local + half);
  let carried = v128.load(local + 2 * half), carriedMoved = v128.load(local + 3 * half);
  // The row after, whose own sums there are none of yet at a segment's end.
  const last = Call.length(call) - 1;
  let left = leftOf(call, min(end, last)) + i;
  let meanAfter = v128.load(left), logAfter = v128.load(left + half);
  const next = min(endOf(call, segment), last);
  const meanNext = v128.load(leftOf(call, next) + i), logNext = v128.load(leftOf(call, next) + half + i);
  const sumNext = v128.load(stateOf(call, segment) + i), movedNext = v128.load(stateOf(call, segment) + half + i);
  let weight = end == endOf(call, segment) ? zero : v128.load(Lane.state(lane) + 2 * half + i);
  left = leftOf(call, end - 1) + i;
  let query = inTensor(call, b, Call.q(call), end - 1) + i;
  let key = inTensor(call, b, Call.k(call), end - 1) + i;
  let value = inTensor(call, b, Call.v(call), end - 1) + i;
  let dout = inTensor(call, b, Call.out(call), end - 1) + i;
  let at = <usize>(end - 1) * step;
  for (let row = end - 1; row >= from; row--) {
    const mean = v128.load(left), log = v128.load(left + half);
    const fade = v128.bitselect(f32x4.sub(one, weight), weightOf(f32x4.sub(log, logAfter)), f32x4.le(weight, f32x4.splat(0.5)));
    const shifted = v128.and(f32x4.ne(sum, zero), f32x4.mul(sum, f32x4.sub(meanAfter, mean)));
    const term = f32x4.sub(shifted, carriedMoved);
    const movedOn = f32x4.add(moved, term);
    carriedMoved = f32x4.mul(fade, carriedOf(movedOn, moved, term));
    moved = f32x4.mul(fade, movedOn);
    const q = v128.load(query);
    const small = weightOf(f32x4.neg(f32x4.abs(q)));
    const large = largerGate(small), rest = f32x4.mul(small, large);
    const isOpen = f32x4.ge(q, zero);
    const gated = f32x4.mul(v128.bitselect(large, rest, isOpen), v128.load(dout));
    const faded = f32x4.mul(fade, sum);
    const own = f32x4.sub(gated, f32x4.mul(fade, carried));
    sum = f32x4.add(faded, own);
    carried = carriedOf(sum, faded, own);
    weight = weightOf(f32x4.sub(v128.load(key), log));
    if (gives) {
      const fadeNext = weightOf(f32x4.sub(log, logNext));
      const total = f32x4.add(sum, f32x4.mul(fadeNext, sumNext));
      const totalMoved = f32x4.add(moved, f32x4.mul(fadeNext, f32x4.add(movedNext, f32x4.mul(sumNext, f32x4.sub(meanNext, mean)))));
      storeWithin(Back.dv(b) + at, i, d, f32x4.mul(weight, total));
      const apart = f32x4.sub(v128.load(value), mean);
      storeWithin(Back.dk(b) + at, i, d, f32x4.mul(weight, f32x4.sub(f32x4.mul(apart, total), totalMoved)));
      const slope = f32x4.mul(f32x4.mul(gated, mean), v128.bitselect(rest, large, isOpen));
      storeWithin(Back.dq(b) + at, i, d, v128.and(f32x4.ne(gated, zero), slope));
      v128.store(Lane.state(lane) + i, total);
      v128.store(Lane.state(lane) + half + i, totalMoved);
    }
    meanAfter = mean;
    logAfter = log;
    left -= leftStep;
    query -= step;
    key -= step;
    value -= step;
    dout -= step;
    at -= step;
  }
  v128.store(local, sum);
  v128.store(local + half, moved);
  v128.store(local + 2 * half, carried);
  v128.store(local + 3 * half, carriedMoved);
  v128.store(Lane.state(lane) + 2 * half + i, weight);
}
