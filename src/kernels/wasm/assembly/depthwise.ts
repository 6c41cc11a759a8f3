import { Call } from "./call";
import { multiplyAdd } from "./generated/micro";

/** Rows `first … end - 1` of a depthwise convolution: four at a time where all taps have a token. */
export function convolveDepthwise(call: usize, first: i32, end: i32): void {
  const d = Call.valueDim(call);
  const rowBytes: usize = <usize>d << 2;
  const taps = Call.taps(call);
  const before = Call.tapsBefore(call);
  const length = Call.length(call);
  const weights = Call.weights(call);
  const whole = d & ~7;
  let row = first;
  while (row < end) {
    const out = Call.out(call) + <usize>row * rowBytes;
    const token = row - before;
    const from = max(0, -token);
    const to = min(taps, length - token);
    const values = Call.v(call) + <usize>(token + from) * rowBytes;
    const isInside = token >= 0 && row + 4 <= end && token + 3 + taps <= length;
    if (isInside && whole > 0) {
      fourRows(values, weights, taps, rowBytes, whole, out);
      for (let r: usize = 0; r < 4; r++) tail(values + r * rowBytes, weights, taps, d, whole, out + r * rowBytes);
      row += 4;
    } else {
      depthwiseRow(values, weights + <usize>from * rowBytes, to - from, d, out);
      row++;
    }
  }
}

/** One row of windows `[taps, d]`. */
export function depthwiseRow(values: usize, weights: usize, taps: i32, d: i32, out: usize): void {
  const rowBytes: usize = <usize>d << 2;
  const whole = d & ~7;
  for (let c: usize = 0; c < <usize>whole << 2; c += 32) {
    let a = f32x4.splat(0), b = f32x4.splat(0);
    let v = values + c, w = weights + c;
    for (let t = 0; t < taps; t++) {
      a = multiplyAdd(v128.load(w, 0), v128.load(v, 0), a);
      b = multiplyAdd(v128.load(w, 16), v128.load(v, 16), b);
      v += rowBytes;
      w += rowBytes;
    }
    v128.store(out + c, a, 0);
    v128.store(out + c, b, 16);
  }
  tail(values, weights, taps, d, whole, out);
}

/** The columns of a row that make no whole vectors. */
@inline
function tail(values: usize, weights: usize, taps: i32, d: i32, whole: i32, out: usize): void {
  for (let c = whole; c < d; c++) {
    let sum: f32 = 0;
    let at: usize = <usize>c << 2;
    for (let t = 0; t < taps; t++) {
      sum += load<f32>(weights + at) * load<f32>(values + at);
      at += <usize>d << 2;
    }
    store<f32>(out + (<usize>c << 2), sum);
  }
}

/** Four rows that follow one another, of a multiple of 8 columns. */
function fourRows(values: usize, weights: usize, taps: i32, rowBytes: usize, whole: i32, out: usize): void {
  const out1: usize = out + rowBytes;
  const out2: usize = out1 + rowBytes;
  const out3: usize = out2 + rowBytes;
  for (let c: usize = 0; c < <usize>whole << 2; c += 32) {
    let a0 = f32x4.splat(0), b0 = f32x4.splat(0), a1 = f32x4.splat(0), b1 = f32x4.splat(0);
    let a2 = f32x4.splat(0), b2 = f32x4.splat(0), a3 = f32x4.splat(0), b3 = f32x4.splat(0);
    let v = values + c, w = weights + c;
    for (let t = 0; t < taps; t++) {
      const wa = v128.load(w, 0);
      const wb = v128.load(w, 16);
      let row = v;
      a0 = multiplyAdd(wa, v128.load(row, 0), a0);
      b0 = multiplyAdd(wb, v128.load(row, 16), b0);
      row += rowBytes;
      a1 = multiplyAdd(wa, v128.load(row, 0), a1);
      b1 = multiplyAdd(wb, v128.load(row, 16), b1);
      row += rowBytes;
      a2 = multiplyAdd(wa, v128.load(row, 0), a2);
      b2 = multiplyAdd(wb, v128.load(row, 16), b2);
      row += rowBytes;
      a3 = multiplyAdd(wa, v128.load(row, 0), a3);
      b3 = multiplyAdd(wb, v128.load(row, 16), b3);
      v += rowBytes;
      w += rowBytes;
    }
    v128.store(out + c, a0, 0);
    v128.store(out + c, b0, 16);
    v128.store(out1 + c, a1, 0);
    v128.store(out1 + c, b1, 16);
    v128.store(out2 + c, a2, 0);
    v128.store(out2 + c, b2, 16);
    v128.store(out3 + c, a3, 0);
    v128.store(out3 + c, b3, 16);
  }
}
