import { randomUUID } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, rmdirSync, rmSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { FailureError, printable, UsageError } from "../core/errors.ts";
import { makeFolder, unmakeFolders } from "./make-folder.ts";
import { replaceFile, whyNotWritten } from "./replace-file.ts";

/**
 * Writes files by name into a folder, which is made if it is missing, and returns their paths in the same
 * order. If one cannot be written, files and folders that were not there before are removed.
 */
export function writeFolder(
  folder: string,
  contents: ReadonlyMap<string, string | Uint8Array>,
): readonly string[] {
  let made: readonly string[];
  try {
    made = makeFolder(folder);
  } catch (thrown) {
    throw new FailureError(`${printable(folder)}: cannot be made, ${whyNotMade(thrown)}`);
  }
  const created: string[] = [];
  try {
    return [...contents].map(([name, content]) => {
      const path = join(folder, name);
      const isNew = !existsSync(path);
      replaceFile(path, content);
      if (isNew) created.push(path);
      return path;
    });
  } catch (thrown) {
    for (const path of created) rmSync(path, { force: true });
    unmakeFolders(made);
    throw thrown;
  }
}

/**
 * Refuses, before any work, a folder that `writeFolder` could not make or write to; leaves everything as it
 * was.
 */
export function refuseUnwritableFolder(folder: string): void {
  try {
    let there = resolve(folder);
    while (lstatSync(there, { throwIfNoEntry: false }) === undefined) there = dirname(there);
    // A folder, since one within a file or a dangling link fails as that of the report would.
    const tried = join(there, `.attnbench-${randomUUID()}`);
    mkdirSync(tried);
    rmdirSync(tried);
  } catch (thrown) {
    throw new FailureError(
      `${printable(folder)}: cannot be ${isFolder(folder) ? "written" : "made"}, ${whyNotMade(thrown)}`,
    );
  }
}

/** Refuses the name of a page for the folder that it would be in, which an option names. */
export function refusePageName(option: string, folder: string | undefined): void {
  if (folder === undefined || !/\.html?$/i.test(folder)) return;
  const name = printable(folder, 80);
  throw new UsageError(
    `${option}: must name a folder, got ${name}; omit .html, and the page is index.html in it`,
  );
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function whyNotMade(thrown: unknown): string {
  const { code } = thrown as NodeJS.ErrnoException;
  if (code === "EEXIST" || code === "ENOTDIR") return "a file is in its place; name a folder";
  // Its parents were made before, or exist.
  return code === "ENOENT" ? "the system makes no folders there; choose another" : whyNotWritten(thrown);
}
