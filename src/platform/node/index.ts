import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import type { Platform } from "../platform.ts";
import { readings } from "./readings.ts";
import { asWorker, startWorker } from "./threads.ts";

/**
 * Makes V8 fuse pairs of 128-bit operations into 256 bits. It takes effect when code is optimised, which is
 * after some calls.
 */
const FUSION = "experimental-wasm-revectorize";

/** Node 26 and later. */
export const platform: Platform = {
  ...readings,
  nextTurn: () => nextTurn(),
  sha256(...parts) {
    const hash = createHash("sha256");
    for (const part of parts) hash.update(part);
    return hash.digest("hex");
  },
  wasmModule(name) {
    try {
      return new Uint8Array(readFileSync(new URL(`../../kernels/wasm/build/${name}.wasm`, import.meta.url)));
    } catch {
      return null;
    }
  },
  whyNoSharedMemory() {
    return typeof SharedArrayBuffer === "function"
      ? null
      : "this engine has no SharedArrayBuffer, which the kernel's memory needs";
  },
  canFuse: true,
  // V8 ignores a flag that it does not know.
  setFusion: (on) => setFlagsFromString(`--${on ? "" : "no-"}${FUSION}`),
  // Compiled, this file and the worker end in .js.
  wasmWorker: new URL(`../../kernels/wasm/threads/worker${import.meta.url.slice(-3)}`, import.meta.url),
  whyNoThreads: () => null,
  startWorker,
  asWorker,
};
