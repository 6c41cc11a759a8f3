import type { MachineLimits } from "../../src/kernels/kernel.ts";
import type { Chosen } from "../../src/kernels/wasm/choose-build.ts";
import { machineLimits as measured } from "../../src/kernels/wasm/limits.ts";
import { remembering } from "./remembering.ts";

const ofBuilds = new Map<string, MachineLimits>();

export function machineLimits(chosen: Chosen): MachineLimits {
  const names = [chosen.build, ...chosen.available].map(({ name }) => name).join();
  const limits = ofBuilds.get(names) ?? remembering(measured(chosen));
  ofBuilds.set(names, limits);
  return limits;
}
