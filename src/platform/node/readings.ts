import crypto from "node:crypto";
import fs, { readdirSync, readFileSync } from "node:fs";
import os, { availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";
import process, { availableMemory, cpuUsage, resourceUsage } from "node:process";
import type { Holder, Platform } from "../platform.ts";

const RELIED_UPON: readonly Holder[] = [
  [
    "process",
    process,
    [
      "hrtime",
      "cpuUsage",
      "threadCpuUsage",
      "resourceUsage",
      "memoryUsage",
      "availableMemory",
      "constrainedMemory",
    ],
  ],
  ["process.hrtime", process.hrtime],
  [
    "node:fs",
    fs,
    ["readFileSync", "readdirSync", "writeSync", "openSync", "appendFileSync", "renameSync", "fsyncSync"],
  ],
  ["node:os", os, ["loadavg", "cpus", "availableParallelism", "totalmem"]],
  ["node:crypto", crypto, ["createHash"]],
];

/** What Node and the system under it tell. */
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
  readSystemFile(path) {
    try {
      return readFileSync(path, "utf8");
    } catch {
      return null; // this system does not say
    }
  },
  listSystemFolder(path) {
    try {
      return readdirSync(path);
    } catch {
      return null; // not Linux
    }
  },
  processorSeconds() {
    const { user, system } = cpuUsage();
    return (user + system) / 1e6;
  },
  load: () => loadavg()[0],
  involuntarySwitches: () => resourceUsage().involuntaryContextSwitches,
  processors: availableParallelism,
  availableMemory,
  usableMemory() {
    const constrained = process.constrainedMemory();
    return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  },
  names: () => ({
    cpu: cpus()[0]?.model ?? "unknown",
    os: `${type()} ${release()} ${process.arch}`,
    node: process.versions.node,
    v8: process.versions.v8,
    // However they were given.
    flags: [...process.execArgv, ...(process.env.NODE_OPTIONS?.split(/\s+/).filter(Boolean) ?? [])],
  }),
  reliedUpon: RELIED_UPON,
};
