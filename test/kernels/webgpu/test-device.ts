import { existsSync } from "node:fs";
import process from "node:process";
import { Device } from "../../../src/kernels/webgpu/gpu/device.ts";
import { findInNode, SETTINGS } from "../../../src/kernels/webgpu/gpu/find-in-node.ts";

/** Where Debian's Chromium keeps a Vulkan driver in software, with the loader that it needs. */
const SOFTWARE = {
  loader: "/usr/lib/chromium/libvulkan.so.1",
  driver: "/usr/lib/chromium/vk_swiftshader_icd.json",
};

/** Compiling for that driver takes a tenth of the time without zeroed workgroup memory; tests alone go without. */
const FASTER = "enable-dawn-features=disable_workgroup_init";

if (process.env[SETTINGS.loader] === undefined && existsSync(SOFTWARE.driver)) {
  process.env[SETTINGS.loader] = SOFTWARE.loader;
  process.env.VK_DRIVER_FILES = SOFTWARE.driver;
  process.env[SETTINGS.dawn] ??= FASTER;
}

/** The device that tests compute on, or why there is none: opened once a process. */
const testDevice: Device | string = await (async () => {
  const found = await findInNode();
  return typeof found === "string" ? found : await Device.open(found);
})();

/** Whether there is none, which skips tests that need one; and a suffix of their title that says so. */
export const noDevice = typeof testDevice === "string";
export const whyNoDevice = typeof testDevice === "string" ? ` (skipped: ${testDevice})` : "";

/** The same where it is known to be there. */
export function theDevice(): Device {
  if (typeof testDevice === "string") throw new TypeError(testDevice);
  return testDevice;
}
