import { carriedOf, channelBytes, weightOf } from "./aft-chunks";
import { logistic } from "./aft-gate";
import { Call } from "./call";
import { QUERIES } from "./generated/layout";
import { Lane } from "./lane";
import { log } from "./log";
import { writeScaled } from "./rows";
import { LEAST } from "./weigh";

/**
 * Without biases. A state has three numbers a channel: the largest key, and relative to it the sum of weighted values and of weights,
 * `[3, channels]`. Segments of tokens have states of their own, so that the sums are the same however many threads add them up.
 */

/** A state that has seen no key. */
export function clearChannels(call: usize, state: usize): void {
  const half = channelBytes(call);
  for (let i: usize = 0; i < half; i += 16) v128.store(state + i, f32x4.splat(LEAST));
  memory.fill(state + half, 0, half << 1);
}

@inline
function segmentEnd(call: usize, segment: i32): i32 { return min(Call.length(call), (segment + 1) * Call.segmentTokens(call)); }

/** The state of one segment. */
export function sumSegment(call: usize, lane: usize, segment: i32): void {
  const state = Call.state(call, segment);
  const end = segmentEnd(call, segment);
  clearChannels(call, state);
  for (let first = segment * Call.segmentTokens(call); first < end; first += QUERIES) addChunk(call, first, min(QUERIES, end - first), state);
}

/** Not causal: state 0 becomes the sum of all. Causal: each state becomes the sum of those before it. */
export function joinStates(call: usize, lane: usize): void {
  const segments = Call.segments(call);
  const soFar = Lane.state(lane);
  const bytes = Call.stateBytes(call);
  if (!Call.causal(call)) {
    for (let s = 1; s < segments; s++) addState(call, Call.state(call, 0), Call.state(call, s), Call.state(call, 0));
    return;
  }
  clearChannels(call, soFar);
  for (let s = 0; s < segments; s++) {
    const state = Call.state(call, s);
    memory.copy(Lane.local(lane), state, bytes);
    memory.copy(state, soFar, bytes);
    addState(call, soFar, Lane.local(lane), soFar);
  }
}

/** One segment of a causal call, whose place holds the state before it. */
export function scanSegment(call: usize, lane: usize, segment: i32): void {
  const end = segmentEnd(call, segment);
  const state = Call.state(call, segment);
  clearChannels(call, Lane.local(lane));
  for (let first = segment * Call.segmentTokens(call); first < end; first += QUERIES) scanChunk(call, lane, first, min(QUERIES, end - first), state);
}

/** The same, and leaves the next segment the state that it begins with. */
export function scanOn(call: usize, lane: usize, segment: i32): void {
  if (segment == 0) clearChannels(call, Call.state(call, 0));
  scanSegment(call, lane, segment);
  if (segment + 1 < Call.segments(call)) addState(call, Call.state(call, segment), Lane.local(lane), Call.state(call, segment + 1));
}

/** Rows `first … last-1` of a call that is not causal: all keys weigh the same in each. */
export function readRows(call: usize, lane: usize, first: i32, last: i32): void {
  const half = channelBytes(call);
  const state = Call.state(call, 0);
  const means = Lane.local(lane);
  const d = Call.d(call);
  const bytes: usize = <usize>d << 2;
  for (let i: usize = 0; i < half; i += 16) v128.store(means + i, f32x4.div(v128.load(state + half + i), v128.load(state + (half << 1) + i)));
  if (first == 0 && Call.sums(call) != 0) {
    memory.copy(Call.sums(call), means, half);
    for (let i: usize = 0; i < half; i += 16) {
      v128.store(Call.sums(call) + half + i, f32x4.add(v128.load(state + i), log(v128.load(state + (half << 1) + i))));
    }
  }
  for (let row = first; row < last; row++) {
    const query = Call.q(call) + <usize>row * bytes;
    const output = Lane.output(lane);
    for (let i: usize = 0; i < half; i += 32) {
      const a = f32x4.mul(logistic(v128.load(query + i, 0)), v128.load(means + i, 0));
      const b = f32x4.mul(logistic(v128.load(query + i, 16)), v128.load(means + i, 16));
      v128.store(output + i, a, 0);
      v128.store(output + i, b, 16);
    }
    writeScaled(output, d, 1, Call.out(call) + <usize>row * bytes);
  }
}

/** Two sums relative to keys of their own become one: what either is multiplied by, of which one is 1. */
@inline
function fadeOfFirst(apart: v128, small: v128): v128 { return v128.bitselect(small, f32x4.splat(1), f32x4.gt(apart, f32x4.splat(0))); }
@inline
function fadeOfSecond(apart: v128, small: v128): v128 { return v128.bitselect(f32x4.splat(1), small, f32x4.gt(apart, f32x4.splat(0))); }
@inline
function smallerWeight(apart: v128): v128 { return weightOf(f32x4.neg(f32x4.abs(apart))); }

/** to = a + b; `to` may be one of them. */
export function addState(call: usize, a: usize, b: usize, to: usize): void {
  const half = channelBytes(call);
  const total = half << 1;
  for (let i: usize = 0; i < half; i += 16) {
    const apart = f32x4.sub(v128.load(b + i), v128.load(a + i));
    const small = smallerWeight(apart);
    const ofA = fadeOfFirst(apart, small), ofB = fadeOfSecond(apart, small);
    const weighted = f32x4.add(f32x4.mul(ofA, v128.load(a + half + i)), f32x4.mul(ofB, v128.load(b + half + i)));
    const weights = f32x4.add(f32x4.mul(ofA, v128.load(a + total + i)), f32x4.mul(ofB, v128.load(b + total + i)));
    const largest = f32x4.pmax(v128.load(a + i), v128.load(b + i));
    v128.store(to + i, largest);
    v128.store(to + half + i, weighted);
    v128.store(to + total + i, weights);
  }
}

/** Adds tokens to a state: eight channels of all of them at a time, whose numbers stay in registers. */
export function addChunk(call: usize, first: i32, count: i32, state: usize): void {
  const half = channelBytes(call);
  const bytes: usize = <usize>Call.d(call) << 2;
  for (let i: usize = 0; i < half; i += 32) {
    const at = state + i;
    let m0 = v128.load(at, 0), m1 = v128.load(at, 16);
    let n0 = v128.load(at + half, 0), n1 = v128.load(at + half, 16);
    let t0 = v128.load(at + (half << 1), 0), t1 = v128.load(at + (half << 1), 16);
    // A key of ∞ has no weight: the largest less itself is then NaN. What the sums round away is carried on to the next token (Kahan 1965, doi 10.1145/363707.363723), within a chunk.
    let cn0 = f32x4.splat(0), cn1 = f32x4.splat(0), ct0 = f32x4.splat(0), ct1 = f32x4.splat(0);
    let key = Call.k(call) + <usize>first * bytes + i;
    let value = Call.v(call) + <usize>first * bytes + i;
    for (let r = 0; r < count; r++) {
      const k0 = v128.load(key, 0), k1 = v128.load(key, 16);
      const x0 = f32x4.sub(k0, m0), x1 = f32x4.sub(k1, m1);
      const e0 = smallerWeight(x0), e1 = smallerWeight(x1);
      const a0 = fadeOfFirst(x0, e0), a1 = fadeOfFirst(x1, e1);
      const b0 = fadeOfSecond(x0, e0), b1 = fadeOfSecond(x1, e1);
      n0 = f32x4.mul(a0, n0);
      n1 = f32x4.mul(a1, n1);
      t0 = f32x4.mul(a0, t0);
      t1 = f32x4.mul(a1, t1);
      const yn0 = f32x4.sub(f32x4.mul(b0, v128.load(value, 0)), f32x4.mul(a0, cn0));
      const yn1 = f32x4.sub(f32x4.mul(b1, v128.load(value, 16)), f32x4.mul(a1, cn1));
      m0 = f32x4.pmax(m0, k0);
      m1 = f32x4.pmax(m1, k1);
      const yt0 = f32x4.sub(f32x4.add(b0, f32x4.sub(m0, m0)), f32x4.mul(a0, ct0));
      const yt1 = f32x4.sub(f32x4.add(b1, f32x4.sub(m1, m1)), f32x4.mul(a1, ct1));
      const sn0 = f32x4.add(n0, yn0), sn1 = f32x4.add(n1, yn1);
      const st0 = f32x4.add(t0, yt0), st1 = f32x4.add(t1, yt1);
      cn0 = carriedOf(sn0, n0, yn0);
      cn1 = carriedOf(sn1, n1, yn1);
      ct0 = carriedOf(st0, t0, yt0);
      ct1 = carriedOf(st1, t1, yt1);
      n0 = sn0;
      n1 = sn1;
      t0 = st0;
      t1 = st1;
      key += bytes;
      value += bytes;
    }
    v128.store(at, m0, 0);
    v128.store(at, m1, 16);
    v128.store(at + half, n0, 0);
    v128.store(at + half, n1, 16);
    v128.store(at + (half << 1), t0, 0);
    v128.store(at + (half << 1), t1, 16);
  }
}

/** The same to the state in the lane, and writes the rows, which see the state before the segment as well. */
function scanChunk(call: usize, lane: usize, first: i32, count: i32, before: usize): void {
  const half = channelBytes(call);
  const total = half << 1;
  const d = Call.d(call);
  const bytes: usize = <usize>d << 2;
  for (let i: usize = 0; i < half; i += 16) {
    const at = Lane.local(lane) + i;
    const largest = v128.load(before + i);
    const weightedBefore = v128.load(before + half + i);
    const totalBefore = v128.load(before + total + i);
    let m = v128.load(at);
    let n = v128.load(at + half);
    let t = v128.load(at + total);
    // As in `addChunk`.
    let carriedWeighted = f32x4.splat(0), carriedTotal = f32x4.splat(0);
    const start: usize = <usize>first * bytes + i;
    let key = Call.k(call) + start;
    let value = Call.v(call) + start;
    let query = Call.q(call) + start;
    let to = Lane.output(lane) + i;
    let left: usize = Call.sums(call) == 0 ? 0 : Call.sums(call) + <usize>first * (half << 1) + i;
    for (let r = 0; r < count; r++) {
      const k = v128.load(key);
      const x = f32x4.sub(k, m);
      const e = smallerWeight(x);
      const a = fadeOfFirst(x, e), b = fadeOfSecond(x, e);
      n = f32x4.mul(a, n);
      t = f32x4.mul(a, t);
      const ofValue = f32x4.sub(f32x4.mul(b, v128.load(value)), f32x4.mul(a, carriedWeighted));
      m = f32x4.pmax(m, k);
      const ofKey = f32x4.sub(f32x4.add(b, f32x4.sub(m, m)), f32x4.mul(a, carriedTotal));
      const nextWeighted = f32x4.add(n, ofValue), nextTotal = f32x4.add(t, ofKey);
      carriedWeighted = carriedOf(nextWeighted, n, ofValue);
      carriedTotal = carriedOf(nextTotal, t, ofKey);
      n = nextWeighted;
      t = nextTotal;
      const apart = f32x4.sub(m, largest);
      const small = smallerWeight(apart);
      const ofBefore = fadeOfFirst(apart, small), ofLocal = fadeOfSecond(apart, small);
      const weighted = f32x4.add(f32x4.mul(ofBefore, weightedBefore), f32x4.mul(ofLocal, n));
      const weights = f32x4.add(f32x4.mul(ofBefore, totalBefore), f32x4.mul(ofLocal, t));
      const mean = f32x4.div(weighted, weights);
      v128.store(to, f32x4.mul(logistic(v128.load(query)), mean));
      if (left != 0) {
        v128.store(left, mean);
        v128.store(left + half, f32x4.add(f32x4.pmax(m, largest), log(weights)));
        left += half << 1;
      }
      key += bytes;
      value += bytes;
      query += bytes;
      to += half;
    }
    v128.store(at, m);
    v128.store(at + half, n);
    v128.store(at + total, t);
  }
  for (let r = 0; r < count; r++) {
    writeScaled(Lane.output(lane) + <usize>r * half, d, 1, Call.out(call) + <usize>(first + r) * bytes);
  }
}

/** Adds the `count` tokens whose keys and values are in the call to the state of one slice: what as many steps add, bit by bit. */
export function takeAft(call: usize, slice: i32, count: i32): void {
  for (let token = 0; token < count; token++) addChunk(call, token, 1, Call.state(call, slice));
}

/** One token in every slice, `[slices, d]` in the call: adds its key and value to the state, and gates what that is. */
export function decodeAft(call: usize, lane: usize): void {
  const half = channelBytes(call);
  const d = Call.d(call);
  const output = Lane.output(lane);
  for (let slice = 0; slice < Call.slices(call); slice++) {
    const state = Call.state(call, slice);
    const at: usize = <usize>(slice * d) << 2;
    addChunk(call, slice, 1, state);
    for (let i: usize = 0; i < half; i += 16) {
      const mean = f32x4.div(v128.load(state + half + i), v128.load(state + (half << 1) + i));
      v128.store(output + i, f32x4.mul(logistic(v128.load(Call.q(call) + at + i)), mean));
    }
    writeScaled(output, d, 1, Call.out(call) + at);
  }
}
