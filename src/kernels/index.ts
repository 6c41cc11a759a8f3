import { js, jsRecurrent } from "./js/index.ts";
import type { Kernel } from "./kernel.ts";
import { createWasm, type Simd } from "./wasm/index.ts";

export { namedBuild, SIMD, type Simd } from "./wasm/index.ts";

/** The built-in kernels, best first: `auto` takes the first that supports the task. `simd` forces a build of wasm. */
export function builtInKernels(simd: Simd = "auto"): readonly Kernel[] {
  return [createWasm(simd), js, jsRecurrent];
}
