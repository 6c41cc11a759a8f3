import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism, cpus, release, totalmem, type } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { readCheckout } from "../identity/checkout.ts";
import { checkoutCode, codeFolder, partsOfCheckout } from "../identity/own-code.ts";
import { preloadedCode } from "../identity/preloads.ts";
import type { Kernel } from "../kernels/kernel.ts";
import type { Environment } from "../record/schema/result-lines.ts";
import { cpuFeatures } from "./cpu-features.ts";
import { machineState, stealShare } from "./state.ts";

/**
 * What the numbers depend on besides the plan. `root` is the folder of the package, `kernels` those measured.
 */
export function readEnvironment(root: string, kernels: readonly Kernel[]): Environment {
  const state = machineState();
  const { commit, dirty, changesSha256 } = readCheckout(root);
  const code = codeFolder(root);
  const flags = nodeFlags();
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    cores_allowed: allowedCores(),
    caches: readCaches(),
    memory_bytes: usableMemory(),
    governor: readText("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
    on_battery: onBattery(),
    os: `${type()} ${release()} ${process.arch}`,
    node: process.versions.node,
    v8: process.versions.v8,
    flags,
    load: state.load,
    steal: stealShare(null, state),
    timer_resolution_s: timerResolution(),
    attnbench: (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string }).version,
    commit,
    dirty,
    changes_sha256: changesSha256,
    ...(code !== null && { code: { ...partsOfCheckout(checkoutCode(code)), ...preloadedCode(flags) } }),
    lockfile_sha256: fileHash(join(root, "package-lock.json")),
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

/** Flags of Node, however they were given. */
function nodeFlags(): string[] {
  return [...process.execArgv, ...(process.env.NODE_OPTIONS?.split(/\s+/).filter(Boolean) ?? [])];
}

/** Bytes of memory that this process may use: the machine's, or what a container allows. */
export function usableMemory(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return null; // this system does not say
  }
}

function fileHash(path: string): string | null {
  try {
    return createHash("sha256").update(readFileSync(path)).digest("hex");
  } catch {
    return null; // an installed package has no lockfile
  }
}

function readCaches(): Record<string, number> {
  const folder = "/sys/devices/system/cpu/cpu0/cache";
  const caches: Record<string, number> = {};
  for (const index of listFolder(folder).filter((name) => name.startsWith("index"))) {
    const level = readText(join(folder, index, "level"));
    const kind = readText(join(folder, index, "type"));
    const size = /^(\d+)K$/.exec(readText(join(folder, index, "size")) ?? "");
    if (level === null || size === null) continue;
    const suffix = kind === "Data" ? "d" : kind === "Instruction" ? "i" : "";
    caches[`L${level}${suffix}`] = Number(size[1]) * 1024;
  }
  return caches;
}

function onBattery(): boolean | null {
  const folder = "/sys/class/power_supply";
  const states = listFolder(folder).map((name) => readText(join(folder, name, "status")));
  return states.length === 0 ? null : states.includes("Discharging");
}

function listFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** Readings of the clock, and how many more it may take to see any step. */
const READINGS = { usual: 1000, most: 1_000_000 } as const;

/** The smallest observed step of the clock, in seconds. */
function timerResolution(): number {
  let smallest = Number.POSITIVE_INFINITY;
  let last = performance.now();
  for (let reading = 0; reading < (Number.isFinite(smallest) ? READINGS.usual : READINGS.most); reading++) {
    const now = performance.now();
    if (now > last) smallest = Math.min(smallest, now - last);
    last = now;
  }
  return Number.isFinite(smallest) ? smallest / 1000 : 0;
}
