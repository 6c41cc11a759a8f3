import { randomUUID } from "node:crypto";
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { FailureError, printable } from "../core/errors.ts";
import { whyNotWritten } from "./replace-file.ts";

/** A file, or a folder of files, that is written beside the place where it will be. */
export interface Draft {
  /** Where it is written. */
  readonly path: string;
  /** Gives it its place. What was there is gone if it may be replaced; otherwise a FailureError says that it is there. */
  keep(): void;
  /** Removes it, unless it was kept. */
  discard(): void;
}

/**
 * A draft of what will be at `target`: a folder is made, a file is not. Throws a FailureError if none can be
 * written there.
 */
export function draftFor(target: string, kind: "file" | "folder", replaces = true): Draft {
  const there = attempt(target, () => throughLinks(target));
  const path = beside(there);
  attempt(target, () => {
    // A file that is not made yet is tried as a folder: both need the same of the folder around them.
    mkdirSync(path);
    if (kind === "file") rmSync(path, { recursive: true });
  });
  const place = kind === "file" ? placeFile : placeFolder;
  return {
    path,
    keep() {
      attempt(target, () => place(path, there, replaces));
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

function placeFile(path: string, there: string, replaces: boolean): void {
  if (replaces) {
    renameSync(path, there);
    return;
  }
  // Unlike a renamed file, a link takes no other's place, also not that of one written a moment ago.
  linkSync(path, there);
  rmSync(path);
}

/** A folder cannot be renamed over one that holds something: that one steps aside, if it may be replaced. */
function placeFolder(path: string, there: string, replaces: boolean): void {
  if (!replaces || statSync(there, { throwIfNoEntry: false }) === undefined) {
    renameSync(path, there);
    return;
  }
  const aside = beside(there);
  renameSync(there, aside);
  try {
    renameSync(path, there);
  } catch (thrown) {
    // Unless another has put its own there in between.
    if (!existsSync(there)) renameSync(aside, there);
    throw thrown;
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
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
    const { code } = thrown as NodeJS.ErrnoException;
    const why =
      code === "EEXIST" || code === "ENOTEMPTY"
        ? "another has written it meanwhile; name another"
        : whyNotWritten(thrown, target);
    throw new FailureError(`${printable(target)}: cannot be written, ${why}`);
  }
}
