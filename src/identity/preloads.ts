import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type CodeIdentity, identifyModules } from "./module-graph.ts";
import { describePackage, findPackage } from "./packages.ts";

/** Flags of Node that name a module which runs before attnbench, and may change what it finds. */
const PRELOADS = /^(?:--import|--require|-r|--loader|--experimental-loader)(?:=(.+))?$/;

/**
 * The modules that Node's flags load beforehand, with everything they lead to, relative to the working
 * directory.
 */
export function preloadedCode(flags: readonly string[]): CodeIdentity {
  const here = resolve(".");
  const files = new Map<string, string>();
  const packages: Record<string, string> = {};
  for (const [index, flag] of flags.entries()) {
    const match = PRELOADS.exec(flag);
    if (match === null) continue;
    const name = match[1] ?? flags[index + 1] ?? "";
    const path = name.startsWith("file:") ? fileURLToPath(name) : resolve(name);
    if (statSync(path, { throwIfNoEntry: false })?.isFile()) files.set(name, path);
    const found = findPackage(join(here, "here.js"), name);
    if (found !== null) packages[`npm:${describePackage(found).name}`] = describePackage(found).version;
  }
  return { ...packages, ...identifyModules(files, { base: here }) };
}
