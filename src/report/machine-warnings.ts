import { printable } from "../core/errors.ts";
import type { Environment } from "../record/schema/result-lines.ts";
import { countText } from "../text/count-text.ts";

/**
 * What was wrong with the machine when the environment was read, and what to do about it: for past and future
 * runs alike.
 */
export function machineWarnings({
  load,
  cores,
  governor,
  on_battery,
  kernels = {},
}: Environment): readonly string[] {
  const warnings: string[] = [];
  if (load !== null && load > cores) {
    warnings.push(
      `a machine busy at the start, load ${load.toFixed(1)} on ${countText(cores, "core")}: close other programs`,
    );
  }
  if (on_battery === true) warnings.push("a machine on battery, which slows it down: plug it in");
  if (governor !== null && governor !== "performance") {
    warnings.push(
      `a processor under the governor ${printable(governor, 40)}: set it to performance, so that the clock stays put`,
    );
  }
  if (Object.values(kernels).some((details) => details?.includes("bounds checks"))) {
    warnings.push(
      "WebAssembly that checks every access to memory, at a half or a third of its speed: the address space is limited (ulimit -v), or Node was started with --disable-wasm-trap-handler; lift that",
    );
  }
  return warnings;
}
