import { statSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { dirname, extname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** What a module's text leads to. */
export interface References {
  readonly files: readonly string[];
  /** The names of packages that are found nowhere but by their folders. */
  readonly packages: readonly string[];
}

/** Kinds of files in whose text references stand. */
const SOURCES = /\.[cm]?[jt]sx?$/i;

/** Whether a file's text can lead to others. */
export function isSource(path: string): boolean {
  return SOURCES.test(path);
}

/**
 * A string that looks like a file: a path, or a name with an ending. Found at every quote anew, since an apostrophe in a
 * comment has no partner.
 */
const LIKE_A_FILE =
  /(?=(["'`])((?:\.{0,2}\/|file:)[^"'`\n\\]{1,400}|[\w@][\w@ ./+-]{0,200}\.\w{1,10}(?:[?#][^"'`\n\\]{0,100})?)\1)/g;
/** Where a name of a package can stand. */
const IMPORTED = /\b(?:from|import|require|resolve)\s*\(?\s*(["'`])([@\w#][^"'`\n\\]{0,200})\1/g;
/** Files there are made by the system as they are read. */
const NO_CODE = /^\/(proc|sys|dev)\//;

/**
 * The files and packages that the text of the module at `path` names: imported or required, now or later, read beside it or
 * started as a thread. Any string that names a file counts, so that a file too many may be told, and one too few only where
 * its name is put together.
 */
export function referencesIn(
  path: string,
  source: string,
  isFile: (path: string) => boolean = isRegularFile,
): References {
  const folder = dirname(path);
  let require: NodeJS.Require | undefined;
  const resolved = (name: string): string | null => {
    require ??= createRequire(path);
    const { resolve: ask } = require;
    return attempt(() => ask(name));
  };
  const files = new Set<string>();
  const packages = new Set<string>();
  for (const [, , text] of source.matchAll(LIKE_A_FILE)) {
    const bare = text.replace(/[?#].*$/, "");
    const named = bare.startsWith("file:") ? attempt(() => fileURLToPath(bare)) : resolve(folder, bare);
    if (named === null || NO_CODE.test(named)) continue;
    // What compiled code leaves the ending out of.
    const found = isFile(named)
      ? named
      : /^\.{0,2}\//.test(bare) && extname(bare) === ""
        ? resolved(named)
        : null;
    if (found !== null) files.add(found);
  }
  for (const [, , name] of source.matchAll(IMPORTED)) {
    if (isBuiltin(name) || name === "attnbench") continue;
    const found = resolved(name);
    if (found !== null) files.add(found);
    else if (!name.startsWith("#")) packages.add(name);
  }
  return { files: [...files], packages: [...packages] };
}

/** Whether a regular file, or a link to one, lies there. */
export function isRegularFile(path: string): boolean {
  return attempt(() => statSync(path, { throwIfNoEntry: false })?.isFile()) ?? false;
}

function attempt<T>(ask: () => T): T | null {
  try {
    return ask();
  } catch {
    return null; // there is none
  }
}
