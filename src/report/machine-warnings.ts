import { printable } from "../core/errors.ts";
import type { Environment } from "../core/result-lines.ts";

/** What the machine was like when the run began, where it bodes ill for its numbers, and what to do about it. */
export function machineWarnings({ load, cores, governor, on_battery }: Environment): readonly string[] {
  const warnings: string[] = [];
  if (load > cores) {
    warnings.push(
      `the machine was busy at the start, load ${load.toFixed(1)} on ${cores} cores: close other programs`,
    );
  }
  if (on_battery === true) warnings.push("the machine ran on battery, which slows it down: plug it in");
  if (governor !== null && governor !== "performance") {
    warnings.push(
      `the processor's governor was ${printable(governor, 40)}: set it to performance, so that the clock stays put`,
    );
  }
  return warnings;
}
