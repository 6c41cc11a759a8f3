import { createRequire } from "node:module";
import os from "node:os";
import process from "node:process";
import { messageOf, printable } from "../../../core/errors.ts";
import type { FoundGpu } from "./found-gpu.ts";

/** The package that implements WebGPU in Node, an optional peer: Google's Dawn, with its binaries. */
const PACKAGE = "webgpu";

/** Times to the nanosecond: by default they come in steps of 65 µs, against pages that measure what they must not. */
const FINE_TIMES = "disable-dawn-features=timestamp_quantization";

/** Environment variables: a Vulkan loader that is not where the system looks, and more of Dawn's options. */
export const SETTINGS = { loader: "ATTNBENCH_VULKAN_LOADER", dawn: "ATTNBENCH_DAWN" } as const;

/** Code of the error by which Node says that a package is not installed. */
const NOT_FOUND = "ERR_MODULE_NOT_FOUND";

let found: Promise<FoundGpu | string> | undefined;

/**
 * WebGPU by the package `webgpu`. It is opened once a process and kept: a device whose GPU object is gone ends the
 * process. Only the main thread may use it, since a worker that ends with work in flight ends the process, too.
 */
export function findInNode(): Promise<FoundGpu | string> {
  found ??= find();
  return found;
}

async function find(): Promise<FoundGpu | string> {
  const why = whyNoVulkan();
  if (why !== null) return why;
  const set = (process.env[SETTINGS.dawn] ?? "").split(/\s+/).filter((one) => one !== "");
  const toggles = [FINE_TIMES, ...set];
  let create: typeof import("webgpu").create;
  try {
    ({ create } = await import("webgpu"));
  } catch (thrown) {
    return whyNotImported(thrown);
  }
  try {
    return { gpu: create(toggles), implementation: `Dawn by ${PACKAGE}${versionText()}`, toggles };
  } catch (thrown) {
    const [line] = messageOf(thrown).split("\n");
    if (set.length === 0) return `Dawn does not start, ${printable(line)}`;
    return `${SETTINGS.dawn} must be options of Dawn such as adapter=NVIDIA, got '${printable(set.join(" "))}', ${printable(line)}`;
  }
}

/** The package's version after a space; empty if it cannot be read. */
function versionText(): string {
  try {
    const told: unknown = createRequire(import.meta.url)(`${PACKAGE}/package.json`);
    const isTold = typeof told === "object" && told !== null && "version" in told;
    return isTold && typeof told.version === "string" ? ` ${told.version}` : "";
  } catch {
    return ""; // a package that exports no such file
  }
}

function whyNotImported(thrown: unknown): string {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  const [line] = messageOf(thrown).split("\n");
  if (code === NOT_FOUND) return `the package ${PACKAGE} is not installed; run npm install ${PACKAGE}`;
  // A package without a binary for this platform, or with one that does not load.
  return `the package ${PACKAGE} does not load, ${line}; install it again, on a platform that it has a binary for`;
}

/** Linux's name of the library through which programs find drivers, and how long it stays open: it is no add-on of Node. */
const VULKAN = "libvulkan.so.1";
const NEVER_CLOSED = 0x1000;

/**
 * Opens the loader of Vulkan's drivers before Dawn asks for it by its name, and finds the one that is open. Null if it is
 * open, or if this system has another way to a GPU. Dawn would complain of one that is missing in lines of its own.
 */
function whyNoVulkan(): string | null {
  const set = process.env[SETTINGS.loader] ?? "";
  if (set === "" && process.platform !== "linux") return null;
  try {
    process.dlopen({ exports: {} }, set === "" ? VULKAN : set, os.constants.dlopen.RTLD_NOW | NEVER_CLOSED);
    return null;
  } catch (thrown) {
    const [line] = messageOf(thrown).split("\n");
    if (line.includes("did not self-register")) return null;
    return set === ""
      ? `${VULKAN} is not installed, by which drivers of GPUs are found; install it with a driver for Vulkan`
      : `${SETTINGS.loader} must be the path of a Vulkan loader, ${printable(line)}`;
  }
}
