import { randomUUID } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync, realpathSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { FailureError, printable } from "../core/errors.ts";
import { whyNotWritten } from "./replace-file.ts";

/** A file, or a folder of files, that is written beside the place where it will be. */
export interface Draft {
  /** Where it is written. */
  readonly path: string;
  /** Gives it its place; what was there is gone. */
  keep(): void;
  /** Removes it, unless it was kept. */
  discard(): void;
}

/**
 * A draft of what will be at `target`: a folder is made, a file is not. Throws a FailureError if none can be
 * written there.
 */
export function draftFor(target: string, kind: "file" | "folder"): Draft {
  const there = attempt(target, () => throughLinks(target));
  const path = beside(there);
  attempt(target, () => {
    // A file that is not made yet is tried as a folder: both need the same of the folder around them.
    mkdirSync(path);
    if (kind === "file") rmSync(path, { recursive: true });
  });
  return {
    path,
    keep() {
      attempt(target, () => putInPlace(path, there));
    },
    discard() {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/**
 * Drafts of what will be at `target` that are there: where nobody else writes one, those of processes that were killed.
 */
export function leftoverDrafts(target: string): readonly string[] {
  const there = throughLinks(target);
  const begin = beginOf(there);
  const all = attempt(target, () => readdirSync(dirname(there)));
  return all
    .filter((name) => name.startsWith(begin) && /^[0-9a-f-]{36}\.draft$/.test(name.slice(begin.length)))
    .map((name) => join(dirname(there), name));
}

/** Puts a draft where it will be. A folder cannot be renamed over one that holds something: that one steps aside. */
function putInPlace(path: string, there: string): void {
  if (statSync(there, { throwIfNoEntry: false })?.isDirectory() !== true) {
    renameSync(path, there);
    return;
  }
  const aside = beside(there);
  renameSync(there, aside);
  try {
    renameSync(path, there);
  } catch (thrown) {
    renameSync(aside, there);
    throw thrown;
  }
  rmSync(aside, { recursive: true, force: true });
}

function beside(there: string): string {
  return join(dirname(there), `${beginOf(there)}${randomUUID()}.draft`);
}

function beginOf(there: string): string {
  return `.${basename(there).slice(0, 100)}-`;
}

function throughLinks(target: string): string {
  return lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink() === true
    ? realpathSync(target)
    : target;
}

function attempt<T>(target: string, action: () => T): T {
  try {
    return action();
  } catch (thrown) {
    throw new FailureError(`${printable(target)}: cannot be written, ${whyNotWritten(thrown, target)}`);
  }
}
