import { Call } from "../call";
import {
  LISTED_adds, LISTED_choice, LISTED_dk, LISTED_dq, LISTED_dv, LISTED_most, LISTED_places, LISTED_readers, LISTED_scale, LISTED_slopes,
  LISTED_starts, LISTED_weights,
} from "../generated/layout";

/** The gradient of rows over lists of keys: 32-bit words at `Call.gradient`, written by the host. The call's `out` is where dout is. */
export class Listed {
  /** The keys of a row, rising, and then -1: at most so many. */
  @inline static list(call: usize, row: i32): usize {
    return <usize>load<u32>(Call.gradient(call), LISTED_choice) + (<usize>(row * Listed.most(call)) << 2);
  }
  @inline static most(call: usize): i32 { return load<i32>(Call.gradient(call), LISTED_most); }
  /** Where the readers of each key begin `[keys + 2]`, and where each pair is among all that are sorted by keys, laid out as lists. */
  @inline static starts(call: usize): usize { return load<u32>(Call.gradient(call), LISTED_starts); }
  @inline static places(call: usize, row: i32): usize {
    return <usize>load<u32>(Call.gradient(call), LISTED_places) + (<usize>(row * Listed.most(call)) << 2);
  }
  /** Of each sorted pair the row that it is of, its weight, and the gradient of its score. */
  @inline static readers(call: usize): usize { return load<u32>(Call.gradient(call), LISTED_readers); }
  @inline static weights(call: usize): usize { return load<u32>(Call.gradient(call), LISTED_weights); }
  @inline static slopes(call: usize): usize { return load<u32>(Call.gradient(call), LISTED_slopes); }
  @inline static dq(call: usize): usize { return load<u32>(Call.gradient(call), LISTED_dq); }
  @inline static dk(call: usize): usize { return load<u32>(Call.gradient(call), LISTED_dk); }
  @inline static dv(call: usize): usize { return load<u32>(Call.gradient(call), LISTED_dv); }
  /** Whether dk and dv have the gradients of other heads already, to which those of this one are added. */
  @inline static adds(call: usize): bool { return load<i32>(Call.gradient(call), LISTED_adds) != 0; }
  /** The factor on q·k. */
  @inline static scale(call: usize): f32 { return load<f32>(Call.gradient(call), LISTED_scale); }
}
