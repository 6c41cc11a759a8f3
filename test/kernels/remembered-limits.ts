import { vi } from "vitest";
import type { MachineLimits } from "../../src/kernels/kernel.ts";
import type { Chosen } from "../../src/kernels/wasm/choose-build.ts";

const actual = await vi.importActual<typeof import("../../src/kernels/wasm/limits.ts")>(
  "../../src/kernels/wasm/limits.ts",
);

const remembered = new Map<string, unknown>();
function once<T>(key: string, measure: () => T): T {
  if (!remembered.has(key)) remembered.set(key, measure());
  return remembered.get(key) as T;
}

/** In place of wasm's own, for tests of many runs: the machine's limits are measured once, and not for each run. */
export function machineLimits(chosen: Chosen): MachineLimits {
  const limits = actual.machineLimits(chosen);
  const build = chosen.build.name;
  return {
    ceilings: (threads) => once(`${build} ${threads} threads`, () => limits.ceilings(threads)),
    readBandwidth: (bytes) => once(`${build} ${bytes} bytes`, () => limits.readBandwidth(bytes)),
  };
}
