import { js, jsRecurrent } from "./js/index.ts";
import type { ReadyKernel } from "./kernel.ts";
import { createWasm, type Simd } from "./wasm/index.ts";

export { namedBuild, SIMD, type Simd } from "./wasm/index.ts";

/**
 * The version of the interface of variants and kernels. It is raised when code of another version could no
 * longer be measured by this one, or this by it: a gate asks both sides first. Versions that do not say have
 * 1.
 */
export const INTERFACE = 1;

/**
 * The built-in kernels, best first: `auto` takes the first that supports the task. `simd` forces a build of
 * wasm.
 */
export function builtInKernels(simd: Simd = "auto"): readonly ReadyKernel[] {
  return [createWasm(simd), js, jsRecurrent];
}
