import { Call } from "../../call";
import { QUERIES } from "../../generated/layout";
import { Lane } from "../../lane";
import { ConvolutionBack } from "./words";

/**
 * Channels `first … end-1` of a diagonal convolution of a sequence, eight at a time: some rows of each tap in turn, so that they stay near
 * the core. Sums of a tap over some rows are summed by themselves, and then in float64.
 */
export function channelsOfTaps(call: usize, lane: usize, first: i32, end: i32): void {
  const length = Call.length(call);
  for (let channel = first; channel < end; channel += 8) {
    const count = min(8, end - channel);
    memory.fill(Lane.output(lane), 0, <usize>Call.taps(call) * 64);
    for (let row = 0; row < length; row += QUERIES) {
      for (let tap = 0; tap < Call.taps(call); tap++) {
        // The token of row r is r + shift.
        const shift = tap - Call.tapsBefore(call);
        const from = max(row, -shift), to = min(min(row + QUERIES, length), length - shift);
        if (from >= to) continue;
        const sums = Lane.output(lane) + <usize>tap * 64;
        if (count == 8) eightChannels(call, lane, channel, tap, shift, from, to, sums);
        else for (let c = 0; c < count; c++) oneChannel(call, channel + c, tap, shift, from, to, sums + (<usize>c << 3));
      }
    }
    writeTaps(call, lane, channel, count);
  }
}

function eightChannels(call: usize, lane: usize, channel: i32, tap: i32, shift: i32, from: i32, to: i32, sums: usize): void {
  const b = Call.gradient(call);
  const bytes: usize = <usize>Call.valueDim(call) << 2;
  const at: usize = <usize>channel << 2;
  const zero = f32x4.splat(0);
  const weights = Call.weights(call) + <usize>tap * bytes + at;
  const w0 = v128.load(weights, 0), w1 = v128.load(weights, 16);
  let s0 = zero, s1 = zero;
  let along = Call.out(call) + <usize>from * bytes + at;
  let value = Call.v(call) + <usize>(from + shift) * bytes + at;
  let dv = ConvolutionBack.dv(b) + <usize>(from + shift) * bytes + at;
  for (let row = from; row < to; row++) {
    const a0 = v128.load(along, 0), a1 = v128.load(along, 16);
    const d0 = f32x4.add(v128.load(dv, 0), f32x4.mul(a0, w0));
    const d1 = f32x4.add(v128.load(dv, 16), f32x4.mul(a1, w1));
    // To what nothing comes adds nothing, whatever it is.
    s0 = f32x4.add(s0, v128.and(f32x4.mul(a0, v128.load(value, 0)), f32x4.ne(a0, zero)));
    s1 = f32x4.add(s1, v128.and(f32x4.mul(a1, v128.load(value, 16)), f32x4.ne(a1, zero)));
    v128.store(dv, d0, 0);
    v128.store(dv, d1, 16);
    along += bytes;
    value += bytes;
    dv += bytes;
  }
  const part = Lane.state(lane);
  v128.store(part, s0, 0);
  v128.store(part, s1, 16);
  for (let c: usize = 0; c < 8; c++) store<f64>(sums + (c << 3), load<f64>(sums + (c << 3)) + <f64>load<f32>(part + (c << 2)));
}

function oneChannel(call: usize, channel: i32, tap: i32, shift: i32, from: i32, to: i32, sum: usize): void {
  const bytes: usize = <usize>Call.valueDim(call) << 2;
  const at: usize = <usize>channel << 2;
  const weight = load<f32>(Call.weights(call) + <usize>tap * bytes + at);
  const dv = ConvolutionBack.dv(Call.gradient(call)) + at;
  for (let row = from; row < to; row++) {
    const along = load<f32>(Call.out(call) + <usize>row * bytes + at);
    if (along == 0) continue;
    const token = <usize>(row + shift) * bytes;
    store<f32>(dv + token, load<f32>(dv + token) + along * weight);
    store<f64>(sum, load<f64>(sum) + <f64>along * <f64>load<f32>(Call.v(call) + token + at));
  }
}

/** The gradients of the taps' channels, or adds them to those of other batch entries. */
function writeTaps(call: usize, lane: usize, channel: i32, count: i32): void {
  const b = Call.gradient(call);
  const bytes: usize = <usize>Call.valueDim(call) << 2;
  for (let tap = 0; tap < Call.taps(call); tap++) {
    const to = ConvolutionBack.dweights(b) + <usize>tap * bytes + (<usize>channel << 2);
    for (let c = 0; c < count; c++) {
      const at = to + (<usize>c << 2);
      const sum = <f32>load<f64>(Lane.output(lane) + <usize>tap * 64 + (<usize>c << 3));
      store<f32>(at, ConvolutionBack.adds(b) ? load<f32>(at) + sum : sum);
    }
  }
}
