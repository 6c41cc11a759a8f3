import { exp } from "../exp";
import { QUERY_ROW } from "../generated/layout";
import { clearRest } from "./elementwise";

/** exp of anything less is 0. */
const LEAST_EXPONENT: f32 = -100;

/**
 * softmax over the channels of `count` rows of d numbers, then over those of their negatives: Hedgehog. Of a panel that holds one
 * half, `first` and `end` say which: 0 to 1 the former, 1 to 2 the latter.
 */
export function channelSoftmax(from: usize, count: i32, d: i32, first: i32, end: i32, to: usize): void {
  const bytes: usize = <usize>d << 2;
  for (let r = 0; r < count; r++) {
    let at = to;
    for (let half = first; half < end; half++) {
      if (half == 0) softmaxOf(from, d, largest(from, d), at);
      else softmaxOfNegatives(from, d, smallest(from, d), at);
      at += bytes;
    }
    clearRest(to, d * (end - first));
    from += bytes;
    to += QUERY_ROW;
  }
}

/** exp(x - m) of a row, divided by their sum. Writes up to 28 bytes beyond it. */
@inline
function softmaxOf(from: usize, d: i32, m: f32, to: usize): void {
  const most = f32x4.splat(m);
  for (let i: usize = 0; i < <usize>d << 2; i += 32) {
    const a = exp(least(f32x4.sub(v128.load(from + i, 0), most)));
    const b = exp(least(f32x4.sub(v128.load(from + i, 16), most)));
    v128.store(to + i, a, 0);
    v128.store(to + i, b, 16);
  }
  divideBySum(to, d);
}

/** exp(m - x) of a row, divided by their sum. */
@inline
function softmaxOfNegatives(from: usize, d: i32, m: f32, to: usize): void {
  const most = f32x4.splat(m);
  for (let i: usize = 0; i < <usize>d << 2; i += 32) {
    const a = exp(least(f32x4.sub(most, v128.load(from + i, 0))));
    const b = exp(least(f32x4.sub(most, v128.load(from + i, 16))));
    v128.store(to + i, a, 0);
    v128.store(to + i, b, 16);
  }
  divideBySum(to, d);
}

@inline
function least(x: v128): v128 { return f32x4.pmax(x, f32x4.splat(LEAST_EXPONENT)); }

@inline
function divideBySum(row: usize, d: i32): void {
  clearRest(row, d);
  let s0 = f32x4.splat(0), s1 = f32x4.splat(0);
  for (let i: usize = 0; i < <usize>d << 2; i += 32) {
    s0 = f32x4.add(s0, v128.load(row + i, 0));
    s1 = f32x4.add(s1, v128.load(row + i, 16));
  }
  const s = f32x4.add(s0, s1);
  const sum = (f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 1)) + (f32x4.extract_lane(s, 2) + f32x4.extract_lane(s, 3));
  const inverse = f32x4.splat(1 / sum);
  for (let i: usize = 0; i < <usize>d << 2; i += 32) {
    v128.store(row + i, f32x4.mul(v128.load(row + i, 0), inverse), 0);
    v128.store(row + i, f32x4.mul(v128.load(row + i, 16), inverse), 16);
  }
}

/** The largest of d numbers, NaN left out: it makes the sum NaN. */
@inline
function largest(from: usize, d: i32): f32 {
  let m0 = f32x4.splat(-Infinity), m1 = m0;
  let i: usize = 0;
  for (; i + 32 <= <usize>d << 2; i += 32) {
    m0 = f32x4.pmax(m0, v128.load(from + i, 0));
    m1 = f32x4.pmax(m1, v128.load(from + i, 16));
  }
  for (; i < <usize>d << 2; i += 4) m0 = f32x4.pmax(m0, v128.load32_splat(from + i));
  const m = f32x4.pmax(m0, m1);
  const halves = f32x4.pmax(m, v128.shuffle<f32>(m, m, 2, 3, 0, 1));
  return f32x4.extract_lane(f32x4.pmax(halves, v128.shuffle<f32>(halves, halves, 1, 0, 3, 2)), 0);
}

@inline
function smallest(from: usize, d: i32): f32 {
  let m0 = f32x4.splat(Infinity), m1 = m0;
  let i: usize = 0;
  for (; i + 32 <= <usize>d << 2; i += 32) {
    m0 = f32x4.pmin(m0, v128.load(from + i, 0));
    m1 = f32x4.pmin(m1, v128.load(from + i, 16));
  }
  for (; i < <usize>d << 2; i += 4) m0 = f32x4.pmin(m0, v128.load32_splat(from + i));
  const m = f32x4.pmin(m0, m1);
  const halves = f32x4.pmin(m, v128.shuffle<f32>(m, m, 2, 3, 0, 1));
  return f32x4.extract_lane(f32x4.pmin(halves, v128.shuffle<f32>(halves, halves, 1, 0, 3, 2)), 0);
}
