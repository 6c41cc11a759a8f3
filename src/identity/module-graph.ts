import { createHash } from "node:crypto";
import { readFileSync, realpathSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { contentHash } from "./content-hash.ts";
import { packageCode } from "./package-code.ts";
import { describePackage, findPackage, packageFolder } from "./packages.ts";
import { isRegularFile, isSource, referencesIn } from "./references.ts";

/**
 * Code by name: for a file the SHA-256 of its content, for a package, `npm:zod`, its version, or that and its
 * content, for what a program runs by, `told:torch`, the version that it told.
 */
export type CodeIdentity = Readonly<Record<string, string>>;

/** Instead of a hash, if a file cannot be read. */
export const UNREADABLE = "unreadable";

export interface Walk {
  /** The folder that names of files are relative to. */
  readonly base: string;
  /** A package in `node_modules` that is identified by its files and not by its version. */
  readonly ownPackage?: string | null;
  /** Whether a file is covered elsewhere, with what it leads to. */
  readonly isTold?: (path: string) => boolean;
  /** Whether packages are identified by their content, with those that they depend on. */
  readonly deep?: boolean;
}

/** What runs when these modules do, by name → path: the modules themselves, and everything they lead to. */
export function identifyModules(modules: ReadonlyMap<string, string>, walk: Walk): CodeIdentity {
  const { base, ownPackage = null, isTold = () => false, deep = false } = walk;
  const told = new Map<string, string>();
  const seen = new Set<string>();
  const packages = new Set<string>();
  const queue = [...modules].map(([name, path]) => ({ name, path }));
  const named = new Set(queue.map(({ path }) => realOf(path)));
  // Most imports lead to files that are examined anyway.
  const files = new Map<string, boolean>([...named].map((path) => [path, true]));
  const isFile = (path: string): boolean => {
    const known = files.get(path) ?? isRegularFile(path);
    files.set(path, known);
    return known;
  };
  for (const { name, path } of queue) {
    const real = realOf(path);
    if (seen.has(`${name}\0${real}`)) continue;
    seen.add(`${name}\0${real}`);
    const folder = packageFolder(real);
    if (folder !== null && folder !== ownPackage) {
      packages.add(folder);
      continue;
    }
    told.set(name, hashOf(real));
    if (!isSource(real) || told.get(name) === UNREADABLE) continue;
    const leads = referencesIn(real, readFileSync(real, "utf8"), isFile);
    for (const found of leads.files) {
      if (named.has(found)) continue;
      const file = realOf(found);
      if (named.has(file) || isTold(file)) continue;
      named.add(file);
      queue.push({ name: nameFrom(base, file), path: file });
    }
    for (const one of leads.packages) {
      const found = findPackage(real, one);
      if (found !== null) packages.add(realOf(found));
    }
  }
  for (const [name, version] of packagesTold(packages, deep)) told.set(`npm:${name}`, version);
  return sorted(told);
}

/**
 * What identifies packages, by name: for one that is there more than once, all of them. `deep` includes what
 * they need, by content.
 */
function packagesTold(folders: ReadonlySet<string>, deep: boolean): ReadonlyMap<string, string> {
  const all = new Set(folders);
  for (const folder of deep ? all : []) {
    for (const one of describePackage(folder).dependencies) {
      const found = findPackage(join(folder, "package.json"), one);
      if (found !== null) all.add(realOf(found));
    }
  }
  const code = deep ? packageCode(all) : new Map<string, string>();
  const told = new Map<string, Set<string>>();
  for (const folder of all) {
    const { name, version } = describePackage(folder);
    told.set(name, (told.get(name) ?? new Set()).add(code.get(folder) ?? version));
  }
  return new Map([...told].map(([name, found]) => [name, [...found].sort().join(", ")]));
}

/** A file's name relative to a folder, with `/` as separator. */
export function nameFrom(base: string, path: string): string {
  return relative(base, path).replaceAll(sep, "/");
}

/** One SHA-256 of all, without the names of `entry`: two plug-ins of the same content are the same code. */
export function identityHash(identity: CodeIdentity, entry: string | null = null): string {
  const hash = createHash("sha256");
  for (const [name, value] of Object.entries(identity)) {
    hash.update(`${name === entry ? "" : name}\0${value}\n`);
  }
  return hash.digest("hex");
}

/**
 * The same code in coarser parts: a hash for each name that `partOf` gives; what has no part stays as it is.
 */
export function inParts(identity: CodeIdentity, partOf: (name: string) => string | null): CodeIdentity {
  const parts = new Map<string, Record<string, string>>();
  const whole = new Map<string, string>();
  for (const [name, value] of Object.entries(identity)) {
    const part = partOf(name);
    if (part === null) whole.set(name, value);
    else parts.set(part, { ...parts.get(part), [name]: value });
  }
  for (const [part, files] of parts) whole.set(part, identityHash(files));
  return sorted(whole);
}

function sorted(told: ReadonlyMap<string, string>): CodeIdentity {
  return Object.fromEntries([...told].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function hashOf(path: string): string {
  try {
    return contentHash(path);
  } catch {
    return UNREADABLE;
  }
}

function realOf(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}
