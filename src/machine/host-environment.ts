import type { Kernel } from "../kernels/kernel.ts";
import { observedStep } from "../platform/clock-step.ts";
import { platform } from "../platform/here.ts";
import type { Environment } from "../record/schema/result-lines.ts";
import { cpuFeatures } from "./cpu-features.ts";
import { machineState, stealShare } from "./state.ts";

/** What an environment says of the code that ran. */
type OfCode = "attnbench" | "commit" | "dirty" | "changes_sha256" | "code" | "plugins" | "lockfile_sha256";

/** What an environment says of the machine and the runtime, and the builds of these kernels. */
export function hostEnvironment(kernels: readonly Kernel[]): Omit<Environment, OfCode> {
  const state = machineState();
  const { cpu, os, node, v8, flags } = platform.names();
  return {
    cpu,
    cores: platform.processors(),
    cores_allowed: allowedCores(),
    caches: readCaches(),
    memory_bytes: platform.usableMemory(),
    governor: readText("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
    on_battery: onBattery(),
    os,
    node,
    v8,
    flags: [...flags],
    load: state.load,
    steal: stealShare(null, state),
    timer_resolution_s: observedStep(),
    kernels: Object.fromEntries(kernels.flatMap(({ id, details }) => (details ? [[id, details()]] : []))),
    cpu_features: cpuFeatures(readText("/proc/cpuinfo")),
  };
}

/**
 * The processors that this process may run on, such as `0-3,8`, if the system has others; null if it may use
 * all.
 */
function allowedCores(): string | null {
  const allowed = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readText("/proc/self/status") ?? "")?.[1] ?? null;
  return allowed === readText("/sys/devices/system/cpu/online") ? null : allowed;
}

function readText(path: string): string | null {
  return platform.readSystemFile(path)?.trim() ?? null;
}

function readCaches(): Record<string, number> {
  const folder = "/sys/devices/system/cpu/cpu0/cache";
  const caches: Record<string, number> = {};
  for (const index of listFolder(folder).filter((name) => name.startsWith("index"))) {
    const level = readText(`${folder}/${index}/level`);
    const kind = readText(`${folder}/${index}/type`);
    const size = /^(\d+)K$/.exec(readText(`${folder}/${index}/size`) ?? "");
    if (level === null || size === null) continue;
    const suffix = kind === "Data" ? "d" : kind === "Instruction" ? "i" : "";
    caches[`L${level}${suffix}`] = Number(size[1]) * 1024;
  }
  return caches;
}

function onBattery(): boolean | null {
  const folder = "/sys/class/power_supply";
  const states = listFolder(folder).map((name) => readText(`${folder}/${name}/status`));
  return states.length === 0 ? null : states.includes("Discharging");
}

function listFolder(path: string): readonly string[] {
  return platform.listSystemFolder(path) ?? [];
}
