import type { Kernel } from "./kernel.ts";
import type { Simd } from "./wasm/choose-build.ts";

/**
 * Those among which `auto` chooses: none that must be named; and who asks for a build of wasm wants to see it, so that
 * families that `auto` prefers where they run are left out.
 */
export function choosable<K extends Kernel>(kernels: readonly K[], simd: Simd): readonly K[] {
  const usual = kernels.filter(({ onDemand }) => onDemand !== true);
  return simd === "auto" ? usual : usual.filter(({ supplement }) => supplement !== true);
}
