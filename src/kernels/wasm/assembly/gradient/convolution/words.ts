import { Call } from "../../call";
import {
  CONVOLUTION_BACK_adds, CONVOLUTION_BACK_along, CONVOLUTION_BACK_dmore, CONVOLUTION_BACK_dv, CONVOLUTION_BACK_dweights, CONVOLUTION_BACK_hidden,
  CONVOLUTION_BACK_morePacked, CONVOLUTION_BACK_ofHidden, CONVOLUTION_BACK_packed,
} from "../../generated/layout";

/** The gradient of a convolution of one head: 32-bit words at `b`, written by the host. Of the call's own words `out` is where dout is. */
export class ConvolutionBack {
  /** What comes to the windows of rows, `[length, d]`: dout, or of a network what comes to its first layer. */
  @inline static along(b: usize): usize { return load<u32>(b, CONVOLUTION_BACK_along); }
  /** To which dv of the head's values is added, and the gradients of its taps, `[taps, d, d]`, or `[taps, d]` of a diagonal. */
  @inline static dv(b: usize): usize { return load<u32>(b, CONVOLUTION_BACK_dv); }
  @inline static dweights(b: usize): usize { return load<u32>(b, CONVOLUTION_BACK_dweights); }
  /** Taps turned round: rows in panels, as keys are packed. */
  @inline static packed(b: usize): usize { return load<u32>(b, CONVOLUTION_BACK_packed); }
  /** Of a network what its first layer makes of the windows, what comes to that, `[length, d]`, and its second layer. */
  @inline static hidden(b: usize): usize { return load<u32>(b, CONVOLUTION_BACK_hidden); }
  @inline static ofHidden(b: usize): usize { return load<u32>(b, CONVOLUTION_BACK_ofHidden); }
  @inline static dmore(b: usize): usize { return load<u32>(b, CONVOLUTION_BACK_dmore); }
  @inline static morePacked(b: usize): usize { return load<u32>(b, CONVOLUTION_BACK_morePacked); }
  /** Whether weights have the gradients of other batch entries already. */
  @inline static adds(b: usize): bool { return load<i32>(b, CONVOLUTION_BACK_adds) != 0; }
}

/** The token of a tap of a row's window; -1 where there is none. */
export function tokenOf(call: usize, row: i32, tap: i32): i32 {
  const length = Call.length(call);
  const width = Call.imageWidth(call);
  if (width == 0) {
    const token = row - Call.tapsBefore(call) + tap;
    return token < length ? max(-1, token) : -1;
  }
  const side = Call.imageSide(call);
  const height = length / width;
  const line = row / width - side / 2 + tap / side;
  const column = row % width - side / 2 + tap % side;
  const onLine = max(0, min(height - 1, line)), inColumn = max(0, min(width - 1, column));
  return Call.imageNearest(call) || (onLine == line && inColumn == column) ? onLine * width + inColumn : -1;
}
