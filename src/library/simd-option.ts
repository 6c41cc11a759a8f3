import { PLAN_DEFAULTS } from "../core/defaults.ts";
import { unknownName } from "../core/errors.ts";
import { SIMD, type Simd } from "../kernels/wasm/choose-build.ts";

/**
 * The build of WebAssembly as typed with `--simd` or as a plan holds it; the fastest available here if none
 * is named.
 */
export function simdOf(name: string | undefined): Simd {
  const found = name === undefined ? PLAN_DEFAULTS.simd : SIMD.find((known) => known === name);
  if (found === undefined) throw unknownName("build for --simd", name ?? "", SIMD);
  return found;
}
