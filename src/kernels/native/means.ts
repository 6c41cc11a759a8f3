import type { Ffi } from "./call/ffi.ts";

/** What every kind of work is given besides its problem. */
export interface Means {
  readonly ffi: Ffi;
  /** The problem's output. */
  readonly output: Float32Array;
}
