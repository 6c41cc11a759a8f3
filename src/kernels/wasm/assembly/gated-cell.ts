import { Call } from "./call";
import { exp } from "./exp";
import { CELL_minGru } from "./generated/layout";
import { multiplyAdd } from "./generated/micro";

/** exp of anything less is 0, and of anything more not finite where it is added to. */
const LEAST: f32 = -100;
const MOST: f32 = 87;

/**
 * Takes `count` rows of q, k and v into channels `first … first + channels - 1` of minGRU or minLSTM, and writes an output for each,
 * or none if `out` is 0. Channels do not see one another: eight at a time are vectors, and threads may divide them.
 */
export function advanceGated(call: usize, slice: i32, q: usize, k: usize, v: usize, out: usize, count: i32, first: i32, channels: i32): void {
  const bytes: usize = <usize>Call.d(call) << 2;
  const from: usize = <usize>first << 2;
  const end: usize = <usize>min(Call.d(call), first + channels) << 2;
  const whole = from + (end - from & ~31);
  const state = Call.state(call, slice);
  const isGru = Call.cell(call) == CELL_minGru;
  for (let t = 0; t < count; t++) {
    for (let i = from; i < end; i += 32) {
      let a: v128, b: v128;
      if (isGru) {
        a = blend(v128.load(k + i, 0), v128.load(v + i, 0), v128.load(state + i, 0));
        b = blend(v128.load(k + i, 16), v128.load(v + i, 16), v128.load(state + i, 16));
      } else {
        a = share(v128.load(q + i, 0), v128.load(k + i, 0), v128.load(v + i, 0), v128.load(state + i, 0));
        b = share(v128.load(q + i, 16), v128.load(k + i, 16), v128.load(v + i, 16), v128.load(state + i, 16));
      }
      v128.store(state + i, a, 0);
      v128.store(state + i, b, 16);
      if (out == 0 || i >= whole) continue;
      v128.store(out + i, a, 0);
      v128.store(out + i, b, 16);
    }
    if (out != 0) {
      // Not a number more: what lies beyond may be another thread's.
      for (let i = whole; i < end; i += 4) store<f32>(out + i, load<f32>(state + i));
      out += bytes;
    }
    q += bytes;
    k += bytes;
    v += bytes;
  }
}

/** `(1 - z) h + z v`, z = σ(k) = 1 / (1 + e^-k), of which the rest is `e^-k z`: neither loses digits where it is small. */
@inline
function blend(k: v128, v: v128, h: v128): v128 {
  const power = exp(f32x4.pmin(f32x4.pmax(f32x4.neg(k), f32x4.splat(LEAST)), f32x4.splat(MOST)));
  const z = f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), power));
  return multiplyAdd(z, v, f32x4.mul(f32x4.mul(power, z), h));
}

/**
 * `f h + (1 - f) v`, f = σ(q) / (σ(q) + σ(k)). Multiplied by `(1 + e^-q)(1 + e^-k) e^-m`, m the largest of 0, -q and -k: no power
 * overflows, and one of them is 1.
 */
@inline
function share(q: v128, k: v128, v: v128, h: v128): v128 {
  q = f32x4.neg(q);
  k = f32x4.neg(k);
  // NaN if both are -∞, and 0 otherwise; a single one is taken for the largest number.
  const both = f32x4.pmax(f32x4.pmin(q, k), f32x4.splat(0));
  const none = f32x4.sub(both, both);
  q = f32x4.pmin(q, f32x4.splat(f32.MAX_VALUE));
  k = f32x4.pmin(k, f32x4.splat(f32.MAX_VALUE));
  const most = f32x4.pmax(f32x4.pmax(q, k), f32x4.splat(0));
  const one = exp(f32x4.pmax(f32x4.neg(most), f32x4.splat(LEAST)));
  const forget = f32x4.add(one, exp(f32x4.pmax(f32x4.sub(k, most), f32x4.splat(LEAST))));
  const write = f32x4.add(one, exp(f32x4.pmax(f32x4.sub(q, most), f32x4.splat(LEAST))));
  const part = f32x4.div(f32x4.splat(1), f32x4.add(f32x4.add(forget, write), none));
  return multiplyAdd(f32x4.mul(write, part), v, f32x4.mul(f32x4.mul(forget, part), h));
}
