import { js, jsRecurrent, jsSorted } from "./js/index.ts";
import type { Kernel, ReadyKernel } from "./kernel.ts";
import { createNative } from "./native/index.ts";
import { createWasm, type Simd } from "./wasm/index.ts";
import { findInNode } from "./webgpu/gpu/find-in-node.ts";
import { createWebgpu } from "./webgpu/index.ts";

export { namedBuild, type Simd } from "./wasm/index.ts";

/**
 * The version of the interface of variants and kernels. It is raised when a gate of an older version could no
 * longer measure this one: a gate asks both sides first. Versions that do not say have 1. Version 2 reads
 * shapes whose tensors differ.
 */
export const INTERFACE = 2;

/** The oldest version that this one can measure: what it does not know of, it is not asked for. */
export const OLDEST_INTERFACE = 1;

/**
 * The built-in kernels, best first: `auto` takes the first that supports the task. `simd` forces a build of
 * wasm.
 */
export function builtInKernels(simd: Simd = "auto"): readonly ReadyKernel[] {
  return [createNative(), createWasm(simd), js, jsRecurrent, jsSorted];
}

/** The built-in kernels that are opened only where they are named. */
export function kernelsOnDemand(): readonly Kernel[] {
  return [createWebgpu(findInNode)];
}
