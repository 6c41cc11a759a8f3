import { channelBytes } from "../../aft-chunks";
import { Call } from "../../call";
import {
  AFT_BACK_along, AFT_BACK_apart, AFT_BACK_centre, AFT_BACK_count, AFT_BACK_dk, AFT_BACK_dq, AFT_BACK_dv, AFT_BACK_first, AFT_BACK_keyBiases,
  AFT_BACK_largest, AFT_BACK_ofKeyBiases, AFT_BACK_ofRowBiases, AFT_BACK_pairs, AFT_BACK_rowBiases, AFT_BACK_states, AFT_BACK_sums, AFT_BACK_values, AFT_BACK_width,
} from "../../generated/layout";

/**
 * The gradient of an attention-free transformer, some channels of one head at a time: 32-bit words at `b`, written by the host. Of the
 * call's own words `out` is where dout is, and `sums` and `leftMaxima` are what the forward pass left.
 */
export class Back {
  /** The first of the channels, how many they are, and how many numbers they take, a multiple of 8. */
  @inline static first(b: usize): i32 { return load<i32>(b, AFT_BACK_first); }
  @inline static count(b: usize): i32 { return load<i32>(b, AFT_BACK_count); }
  @inline static bytes(b: usize): usize { return <usize>load<i32>(b, AFT_BACK_width) << 2; }
  /** What tiles take for values and for dout, and what they sum of keys: rows `[2, width]`. */
  @inline static values(b: usize, token: i32): usize { return load<u32>(b, AFT_BACK_values) + <usize>token * (Back.bytes(b) << 1); }
  @inline static along(b: usize, row: i32): usize { return load<u32>(b, AFT_BACK_along) + <usize>row * (Back.bytes(b) << 1); }
  @inline static sums(b: usize, token: i32): usize { return load<u32>(b, AFT_BACK_sums) + <usize>token * (Back.bytes(b) << 1); }
  /** Of each channel the largest key, and what is subtracted from values and means. */
  @inline static largest(b: usize): usize { return load<u32>(b, AFT_BACK_largest); }
  @inline static centre(b: usize): usize { return load<u32>(b, AFT_BACK_centre); }
  /** Of each row whether it is computed by itself. */
  @inline static apart(b: usize, row: i32): usize { return load<u32>(b, AFT_BACK_apart) + (<usize>row << 2); }
  /** What tiles make a row's weights with: its largest bias in powers of 2, and a factor, which is 1. */
  @inline static pair(b: usize, row: i32): usize { return load<u32>(b, AFT_BACK_pairs) + (<usize>row << 3); }
  /** The head's gradients, `[length, d]`, and what its biases are made of, `[length, rank]`, with the gradients of that. */
  @inline static dq(b: usize): usize { return load<u32>(b, AFT_BACK_dq); }
  @inline static dk(b: usize): usize { return load<u32>(b, AFT_BACK_dk); }
  @inline static dv(b: usize): usize { return load<u32>(b, AFT_BACK_dv); }
  @inline static rowBiases(b: usize): usize { return load<u32>(b, AFT_BACK_rowBiases); }
  @inline static keyBiases(b: usize): usize { return load<u32>(b, AFT_BACK_keyBiases); }
  @inline static ofRowBiases(b: usize): usize { return load<u32>(b, AFT_BACK_ofRowBiases); }
  @inline static ofKeyBiases(b: usize): usize { return load<u32>(b, AFT_BACK_ofKeyBiases); }
  /** Without biases: the state of each segment. */
  @inline static states(b: usize): usize { return load<u32>(b, AFT_BACK_states); }
}

/** Where the channels begin in a row of a tensor of the call. */
@inline
export function inTensor(call: usize, b: usize, tensor: usize, row: i32): usize {
  return tensor + ((<usize>row * <usize>Call.d(call) + <usize>Back.first(b)) << 2);
}

/** The means of a row, behind which at `channelBytes` are the logarithms of its sums. */
@inline
export function meansOf(call: usize, b: usize, row: i32): usize {
  return Call.sums(call) + <usize>row * (channelBytes(call) << 1) + (<usize>Back.first(b) << 2);
}

/** All bits where there is a channel, of the four from channel `at` on. */
@inline
export function within(at: usize, count: i32): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count - <i32>(at >> 2)));
}

/** Writes the channels of four that there are. */
@inline
export function storeWithin(to: usize, at: usize, count: i32, x: v128): void {
  const left = count - <i32>(at >> 2);
  if (left >= 4) {
    v128.store(to + at, x);
    return;
  }
  if (left > 0) store<f32>(to + at, f32x4.extract_lane(x, 0), 0);
  if (left > 1) store<f32>(to + at, f32x4.extract_lane(x, 1), 4);
  if (left > 2) store<f32>(to + at, f32x4.extract_lane(x, 2), 8);
}
