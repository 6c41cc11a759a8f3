import type { Device } from "./gpu/device.ts";

/** What every kind of work is given besides its problem. */
export interface Means {
  readonly device: Device;
  /** The problem's output. */
  readonly output: Float32Array;
}
