import type { Ffi } from "./ffi.ts";
import { MemoryPlan } from "./memory.ts";

/** Memory of a kernel's own as an array of so many floats, at a cache line, which threads see. It begins as zeros. */
export function ownFloats(ffi: Ffi, count: number): Float32Array {
  const plan = new MemoryPlan();
  const region = plan.reserve(count * Float32Array.BYTES_PER_ELEMENT);
  plan.make(ffi);
  return region().floats.subarray(0, count);
}
