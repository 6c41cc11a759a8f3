import { BURST_INNER, PANEL_KEYS, PANEL_QUERIES, QUERY_ROW, SCORE_ROW, TANH_BURST, TANH_WORDS } from "./generated/layout";
import { scoresTile } from "./generated/micro";
import { tanhFloats } from "./tanh";

/** Calls the micro-kernel `calls` times for every item, over operands at `scratch` that stay in the nearest cache. */
export function runBurst(calls: i32, scratch: usize, from: i32, to: i32): void {
  const b: usize = scratch + <usize>PANEL_QUERIES * QUERY_ROW;
  const c: usize = b + (<usize>(BURST_INNER * PANEL_KEYS) << 2);
  for (let item = from; item < to; item++) {
    for (let call = 0; call < calls; call++) scoresTile(PANEL_QUERIES, scratch, b, PANEL_KEYS << 2, c, SCORE_ROW, BURST_INNER);
  }
}

/** Takes tanh of `TANH_BURST` numbers `calls` times for every item, over numbers at `scratch` that stay in the nearest cache. */
export function runTanhBurst(calls: i32, scratch: usize, from: i32, to: i32): void {
  const numbers: usize = scratch + (<usize>TANH_WORDS << 2);
  for (let item = from; item < to; item++) {
    for (let call = 0; call < calls; call++) tanhFloats(numbers, TANH_BURST, numbers + (<usize>TANH_BURST << 2), scratch);
  }
}

/**
 * Reads `count` floats, a multiple of 32, as fast as they come, and leaves 32 sums of them at `sums`: pairs of accumulators
 * that are stored side by side are fused.
 */
export function sumFloats(p: usize, count: i32, sums: usize): void {
  let a = f32x4.splat(0), b = f32x4.splat(0), c = f32x4.splat(0), d = f32x4.splat(0);
  let e = f32x4.splat(0), f = f32x4.splat(0), g = f32x4.splat(0), h = f32x4.splat(0);
  for (let i = 0; i < count; i += 32) {
    a = f32x4.add(a, v128.load(p, 0));
    b = f32x4.add(b, v128.load(p, 16));
    c = f32x4.add(c, v128.load(p, 32));
    d = f32x4.add(d, v128.load(p, 48));
    e = f32x4.add(e, v128.load(p, 64));
    f = f32x4.add(f, v128.load(p, 80));
    g = f32x4.add(g, v128.load(p, 96));
    h = f32x4.add(h, v128.load(p, 112));
    p += 128;
  }
  v128.store(sums, a, 0);
  v128.store(sums, b, 16);
  v128.store(sums, c, 32);
  v128.store(sums, d, 48);
  v128.store(sums, e, 64);
  v128.store(sums, f, 80);
  v128.store(sums, g, 96);
  v128.store(sums, h, 112);
}
