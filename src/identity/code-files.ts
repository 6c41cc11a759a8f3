import { readdirSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";

/** What systems, editors and git leave in folders, and prose. Packages are identified by their versions. */
const NO_CODE = /^(\.DS_Store|Thumbs\.db|desktop\.ini|\.git|node_modules|.*~|\..*\.sw[a-z]|\.#.*|.*\.md)$/;

/** Whether a file of this name, including its folders, can be code. */
export function canBeCode(name: string): boolean {
  return name.split("/").every((part) => !NO_CODE.test(part));
}

/**
 * The files in `parts` of a folder, which are files or folders themselves, by their names relative to `root`
 * with `/` as separator: name → path. Everything there, whether git knows it or not; links are followed.
 * Missing parts have none.
 */
export function codeFiles(root: string, parts: readonly string[]): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const part of parts) collect(join(root, part), part, new Set(), files);
  return files;
}

/** `above` are the folders that this lies in, so that a link to one of them ends. */
function collect(path: string, name: string, above: ReadonlySet<string>, files: Map<string, string>): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) {
    // A dangling link counts as there: importing it fails. A missing part does not.
    if (above.size > 0) files.set(name, path);
    return;
  }
  if (stats.isFile()) files.set(name, path);
  if (!stats.isDirectory()) return;
  const real = realpathSync(path);
  if (above.has(real)) return;
  const within = new Set(above).add(real);
  for (const child of readdirSync(path).sort()) {
    if (!NO_CODE.test(child)) collect(join(path, child), `${name}/${child}`, within, files);
  }
}
