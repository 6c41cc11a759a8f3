import { mkdirSync, rmdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/**
 * Makes a folder and its missing parents, or none of them; returns those that were made, outermost first. Not with Node's own `recursive`: if a system refuses to make a
 * folder in an existing one, such as Linux in /proc, it retries forever.
 */
export function makeFolder(path: string): readonly string[] {
  const missing: string[] = [];
  for (let folder = resolve(path); !isFolder(folder); folder = dirname(folder)) missing.unshift(folder);
  const made: string[] = [];
  try {
    for (const folder of missing) {
      mkdirSync(folder);
      made.push(folder);
    }
  } catch (thrown) {
    unmakeFolders(made);
    throw thrown;
  }
  return made;
}

/** Removes folders that `makeFolder` made, unless something has been put there. */
export function unmakeFolders(made: readonly string[]): void {
  for (const folder of made.toReversed()) {
    try {
      rmdirSync(folder);
    } catch {
      // Whoever put something there keeps it, and the folders around it.
      return;
    }
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
