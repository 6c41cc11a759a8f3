import type { Platform } from "../platform.ts";

const GIB = 2 ** 30;

/** Chromium tells gibibytes of memory, rounded and at most 32; its types do not come with TypeScript. */
interface WithMemory {
  readonly deviceMemory?: number;
}

/** What a browser tells: little of the machine, and nothing of its processors' time. */
export const readings: Pick<
  Platform,
  | "readSystemFile"
  | "listSystemFolder"
  | "processorSeconds"
  | "load"
  | "involuntarySwitches"
  | "processors"
  | "availableMemory"
  | "usableMemory"
  | "names"
  | "reliedUpon"
> = {
  readSystemFile: () => null,
  listSystemFolder: () => null,
  processorSeconds: () => null,
  load: () => null,
  involuntarySwitches: () => null,
  processors: () => navigator.hardwareConcurrency,
  availableMemory: () => Number.POSITIVE_INFINITY,
  usableMemory: () => ((navigator as WithMemory).deviceMemory ?? 0) * GIB,
  names: () => ({
    cpu: "unknown",
    os: navigator.platform || "unknown",
    node: null,
    v8: null,
    flags: [],
  }),
  // No code of others runs in the worker.
  reliedUpon: [],
};
