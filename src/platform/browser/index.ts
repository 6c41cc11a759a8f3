import { sha256 } from "../../core/sha256.ts";
import type { Platform } from "../platform.ts";
import { embedded } from "./embedded.ts";
import { readings } from "./readings.ts";
import { asWorker, startWorker } from "./threads.ts";

/** A worker of a page, with what the bundler put into its script. */
export const platform: Platform = {
  ...readings,
  nextTurn() {
    // A timer would wait for four milliseconds once there were several in a row.
    return new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(null);
    });
  },
  sha256(...parts) {
    const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let end = 0;
    for (const part of parts) {
      all.set(part, end);
      end += part.length;
    }
    return Array.from(sha256(all), (byte) => byte.toString(16).padStart(2, "0")).join("");
  },
  wasmModule(name) {
    const text = Object.hasOwn(embedded.wasm, name) ? embedded.wasm[name] : null;
    return text === null ? null : Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  },
  whyNoSharedMemory() {
    try {
      // Also where pages have no SharedArrayBuffer because they are not isolated.
      new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
      return null;
    } catch {
      return "this browser has no shared memory of WebAssembly, which the kernel needs";
    }
  },
  canFuse: false,
  setFusion() {},
  wasmWorker: new URL(URL.createObjectURL(new Blob([embedded.wasmWorker], { type: "text/javascript" }))),
  whyNoThreads() {
    if (!globalThis.crossOriginIsolated) {
      return "threads share memory, which a browser allows only to an isolated page: open the one that attnbench page serves";
    }
    return typeof Worker === "function" ? null : "this browser starts no threads from a worker";
  },
  startWorker,
  asWorker,
};
