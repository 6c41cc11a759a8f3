import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { FailureError, printable } from "../core/errors.ts";
import { makeFolder } from "./make-folder.ts";
import { replaceFile, whyNotWritten } from "./replace-file.ts";

/**
 * Writes files by name into a folder, which is made where it is missing, and returns their paths in the same order. Where
 * one cannot be written, those that were not there before are removed.
 */
export function writeFolder(
  folder: string,
  contents: ReadonlyMap<string, string | Uint8Array>,
): readonly string[] {
  try {
    makeFolder(folder);
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
    throw thrown;
  }
}

function whyNotMade(thrown: unknown): string {
  const { code } = thrown as NodeJS.ErrnoException;
  if (code === "EEXIST" || code === "ENOTDIR") return "a file is in its place; name a folder";
  // Those above it were made before, or are there.
  return code === "ENOENT" ? "the system makes no folders there; choose another" : whyNotWritten(thrown);
}
