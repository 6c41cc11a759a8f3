import { carriedOf } from "../../aft-chunks";
import { Call } from "../../call";
import { QUERIES } from "../../generated/layout";
import { ConvolutionBack, tokenOf } from "./words";

/** Channels `first … end-1` of a diagonal convolution, four at a time: some rows of each tap in turn, so that they stay near the core. */
export function channelsOfTaps(call: usize, first: i32, end: i32): void {
  for (let channel = first; channel < end; channel += 4) {
    if (channel + 4 <= end) fourChannels(call, channel);
    else for (let c = channel; c < end; c++) oneChannel(call, c);
  }
}

function fourChannels(call: usize, channel: i32): void {
  const b = Call.gradient(call);
  const d = Call.valueDim(call);
  const bytes: usize = <usize>d << 2;
  const at: usize = <usize>channel << 2;
  const length = Call.length(call);
  const zero = f32x4.splat(0);
  for (let tap = 0; tap < Call.taps(call); tap++) {
    const weight = v128.load(Call.weights(call) + <usize>tap * bytes + at);
    let total = zero, carried = zero;
    for (let row = 0; row < length; row += QUERIES) {
      let sum = zero;
      for (let r = row; r < min(length, row + QUERIES); r++) {
        const token = tokenOf(call, r, tap);
        if (token < 0) continue;
        const along = v128.load(Call.out(call) + <usize>r * bytes + at);
        const to = ConvolutionBack.dv(b) + <usize>token * bytes + at;
        v128.store(to, f32x4.add(v128.load(to), f32x4.mul(along, weight)));
        // To what nothing comes adds nothing, whatever it is.
        const own = f32x4.mul(along, v128.load(Call.v(call) + <usize>token * bytes + at));
        sum = f32x4.add(sum, v128.and(own, f32x4.ne(along, zero)));
      }
      const term = f32x4.sub(sum, carried);
      const next = f32x4.add(total, term);
      carried = carriedOf(next, total, term);
      total = next;
    }
    const to = ConvolutionBack.dweights(b) + <usize>tap * bytes + at;
    v128.store(to, ConvolutionBack.adds(b) ? f32x4.add(v128.load(to), total) : total);
  }
}

function oneChannel(call: usize, channel: i32): void {
  const b = Call.gradient(call);
  const bytes: usize = <usize>Call.valueDim(call) << 2;
  const at: usize = <usize>channel << 2;
  for (let tap = 0; tap < Call.taps(call); tap++) {
    const weight = load<f32>(Call.weights(call) + <usize>tap * bytes + at);
    let total: f64 = 0;
    for (let row = 0; row < Call.length(call); row++) {
      const token = tokenOf(call, row, tap);
      if (token < 0) continue;
      const along = load<f32>(Call.out(call) + <usize>row * bytes + at);
      if (along == 0) continue;
      const to = ConvolutionBack.dv(b) + <usize>token * bytes + at;
      store<f32>(to, load<f32>(to) + along * weight);
      total += <f64>along * <f64>load<f32>(Call.v(call) + <usize>token * bytes + at);
    }
    const to = ConvolutionBack.dweights(b) + <usize>tap * bytes + at;
    store<f32>(to, <f32>total + (ConvolutionBack.adds(b) ? load<f32>(to) : 0));
  }
}
