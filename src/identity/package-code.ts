import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { codeFiles } from "./code-files.ts";
import { contentHash } from "./content-hash.ts";
import { describePackage } from "./packages.ts";

/** What all packages together may hold, so that examining them takes a fraction of a second. */
const MOST_FILES = 2000;
const MOST_BYTES = 1 << 26;

/** What comes along in packages and never runs. */
const NEVER_RUNS = /\.(d\.[cm]?ts|map|flow|markdown|txt)$|(^|\/)(LICEN[CS]E|CHANGELOG|README|\.npmignore)$/i;

/** Hexadecimal digits that distinguish two states of one version. */
const DIGITS = 16;

/**
 * For each package in these folders its version and the beginning of a SHA-256 of its files, without those
 * that never run; only the version for this package, which is identified elsewhere, and for those that would
 * take too long. Small packages come first, so that a large one costs only itself its hash.
 */
export function packageCode(folders: ReadonlySet<string>): ReadonlyMap<string, string> {
  const found = [...folders].map((folder) => {
    const { name, version } = describePackage(folder);
    return { folder, version, files: name === "attnbench" ? [] : filesOf(folder) };
  });
  const told = new Map<string, string>();
  let [files, bytes] = [0, 0];
  for (const one of found.sort((a, b) => a.files.length - b.files.length || (a.folder < b.folder ? -1 : 1))) {
    files += one.files.length;
    if (files <= MOST_FILES) bytes += one.files.reduce((sum, [, path]) => sum + sizeOf(path), 0);
    const whole = one.files.length > 0 && files <= MOST_FILES && bytes <= MOST_BYTES;
    told.set(one.folder, whole ? `${one.version} ${hashOf(one.files)}` : one.version);
  }
  return told;
}

function filesOf(folder: string): readonly (readonly [name: string, path: string])[] {
  try {
    return [...codeFiles(folder, ["."])].filter(([name]) => !NEVER_RUNS.test(name));
  } catch {
    return []; // unreadable: Node fails on it as well
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function hashOf(files: readonly (readonly [name: string, path: string])[]): string {
  const hash = createHash("sha256");
  for (const [name, path] of files) hash.update(`${name}\0${contentOf(path)}\n`);
  return hash.digest("hex").slice(0, DIGITS);
}

function contentOf(path: string): string {
  try {
    return contentHash(path);
  } catch {
    return "unreadable";
  }
}
