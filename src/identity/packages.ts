import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, sep } from "node:path";

/** The folder of the package in a `node_modules` that contains a file; null if none does. */
export function packageFolder(path: string): string | null {
  const within = `${sep}node_modules${sep}`;
  const at = path.lastIndexOf(within);
  if (at === -1) return null;
  const names = path.slice(at + within.length).split(sep);
  const parts = names[0].startsWith("@") ? 2 : 1;
  return names.length > parts ? path.slice(0, at + within.length) + names.slice(0, parts).join(sep) : null;
}

/** The folder of the package of this name as modules at `path` find it; null if there is none. */
export function findPackage(path: string, name: string): string | null {
  const [first, second] = name.split("/");
  const own = first.startsWith("@") ? join(first, second ?? "") : first;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const found = join(folder, "node_modules", own);
    if (existsSync(join(found, "package.json"))) return found;
    if (folder === dirname(folder)) return null;
  }
}

/** The fields of a `package.json` that are used here. */
type Facts = Partial<
  Record<"version" | "dependencies" | "optionalDependencies" | "peerDependencies", unknown>
>;

export interface PackageFacts {
  /** As installed. */
  readonly name: string;
  readonly version: string;
  /** The names of those that it needs, or uses if they are there. */
  readonly dependencies: readonly string[];
}

/** What the `package.json` of a folder says. */
export function describePackage(folder: string): PackageFacts {
  const within = `${sep}node_modules${sep}`;
  const at = folder.lastIndexOf(within);
  const name = (at === -1 ? basename(folder) : folder.slice(at + within.length)).replaceAll(sep, "/");
  try {
    const facts = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const { version, dependencies, optionalDependencies, peerDependencies }: Facts = facts;
    return {
      name,
      version: typeof version === "string" ? version : "without a version",
      dependencies: [dependencies, optionalDependencies, peerDependencies].flatMap((names) =>
        typeof names === "object" && names !== null ? Object.keys(names) : [],
      ),
    };
  } catch {
    return { name, version: "not known", dependencies: [] };
  }
}
