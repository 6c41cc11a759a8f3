import { createHash } from "node:crypto";
import { existsSync, lstatSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { join, sep } from "node:path";
import { canBeCode, codeFiles } from "./code-files.ts";
import { contentHash, plainBytes } from "./content-hash.ts";
import { git } from "./git.ts";

/** A checkout and its commit; null if unknown. */
export interface Checkout {
  readonly commit: string | null;
  /** Whether its code differs from the commit. */
  readonly dirty: boolean | null;
  /** SHA-256 of what differs; null also if nothing does. */
  readonly changesSha256: string | null;
}

/** What can change the numbers when it changes; a results file in the checkout cannot. */
const CODE = ["src", "variants", "package.json", "package-lock.json"] as const;
/** What is built from the sources, and is in no commit. */
const GENERATED = /^src\/(kernels\/wasm\/(build|assembly\/generated)|(report|page)\/bundle\/build)\//;

const UNKNOWN: Checkout = { commit: null, dirty: null, changesSha256: null };

/**
 * The commit of the checkout at `root`, and which of its code differs. Git is asked only for the commit and
 * its tree; the files are read here, so that no user's setting, filter, index or ignored name hides or
 * distorts a change. Unknown outside a checkout of this project, or without git: an installed package may lie
 * in a checkout of something else. `parts` are the files and folders that are its code.
 */
export function readCheckout(root: string, parts: readonly string[] = CODE): Checkout {
  if (!existsSync(join(root, ".git"))) return UNKNOWN;
  // The first line is where `root` lies in its checkout: empty if it is the top of one.
  const found = git(root, ["rev-parse", "--show-prefix", "HEAD"])?.toString("utf8").split("\n");
  if (found === undefined || found[0] !== "" || !/^[0-9a-f]{40,64}$/.test(found[1] ?? "")) return UNKNOWN;
  const [, commit] = found;
  const tree = git(root, ["ls-tree", "-r", "-z", "--full-tree", commit, "--", ...parts]);
  if (tree === null) return { ...UNKNOWN, commit };
  try {
    const changes = changesFrom(root, parts, treeEntries(tree.toString("utf8")));
    return { commit, dirty: changes.size > 0, changesSha256: changes.size > 0 ? hashOf(changes) : null };
  } catch {
    return { ...UNKNOWN, commit }; // what cannot be read cannot be compared
  }
}

interface TreeEntry {
  readonly isLink: boolean;
  /** Of its blob. */
  readonly id: string;
}

function treeEntries(listing: string): ReadonlyMap<string, TreeEntry> {
  const entries = listing.split("\0").flatMap((line) => {
    const match = /^(\d{6}) blob ([0-9a-f]+)\t(.+)$/s.exec(line);
    return match === null || !canBeCode(match[3])
      ? []
      : [[match[3], { isLink: match[1] === "120000", id: match[2] }] as const];
  });
  return new Map(entries);
}

/** What differs from the commit: name → SHA-256 of what is there now, or that nothing is. */
function changesFrom(
  root: string,
  parts: readonly string[],
  tree: ReadonlyMap<string, TreeEntry>,
): ReadonlyMap<string, string> {
  const files = codeFiles(root, parts);
  const changes = new Map<string, string>();
  for (const [name, path] of files) {
    if (!isCommitted(root, parts, path, tree.get(name)) && !GENERATED.test(name))
      changes.set(name, contentHash(path));
  }
  // A link to a folder is one entry of the tree and many files here.
  for (const [name, { isLink }] of tree) {
    if (!files.has(name) && !(isLink && existsSync(join(root, name)))) changes.set(name, "gone");
  }
  return changes;
}

function isCommitted(
  root: string,
  parts: readonly string[],
  path: string,
  entry: TreeEntry | undefined,
): boolean {
  if (entry === undefined) return false;
  if (entry.isLink) {
    if (!lstatSync(path).isSymbolicLink()) return false;
    // Its target is examined by itself, unless it lies elsewhere.
    return blobId(Buffer.from(readlinkSync(path)), entry.id) === entry.id && isInside(root, parts, path);
  }
  const content = readFileSync(path);
  return blobId(content, entry.id) === entry.id || blobId(plainBytes(content), entry.id) === entry.id;
}

function isInside(root: string, parts: readonly string[], path: string): boolean {
  const [top, real] = [realpathSync(root), realpathSync(path)];
  return parts.some((part) => real === join(top, part) || real.startsWith(join(top, part) + sep));
}

/** What git would call this content, by the kind of hash that `like` is. */
function blobId(content: Buffer, like: string): string {
  return createHash(like.length === 40 ? "sha1" : "sha256")
    .update(`blob ${content.length}\0`)
    .update(content)
    .digest("hex");
}

function hashOf(changes: ReadonlyMap<string, string>): string {
  const hash = createHash("sha256");
  for (const [name, content] of [...changes].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${name}\0${content}\n`);
  }
  return hash.digest("hex");
}
