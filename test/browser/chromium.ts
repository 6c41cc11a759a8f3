import { existsSync } from "node:fs";
import process from "node:process";
import { type Browser, chromium } from "playwright-core";

/** Where systems put Chromium, or a browser of its kind. */
const PLACES = [
  process.env.ATTNBENCH_BROWSER ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** The program of Chromium here; undefined if there is none. */
export const chromiumProgram = PLACES.find((place) => place !== "" && existsSync(place));

/** Whether there is none, which skips tests that need one; and a suffix of their title that says so. */
export const noChromium = chromiumProgram === undefined;
export const whyNoChromium = noChromium ? " (skipped: no Chromium is installed here)" : "";

/** Words by which Chromium computes WebGPU in software. */
export const SOFTWARE_GPU = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];

/** Milliseconds within which it has started, or never will. */
const HANG_MS = 300_000;

/** Starts it without a window. */
export function openChromium(words: readonly string[] = []): Promise<Browser> {
  if (chromiumProgram === undefined) throw new TypeError("openChromium: must have a Chromium, got none");
  return chromium.launch({ executablePath: chromiumProgram, args: [...words], timeout: HANG_MS });
}
