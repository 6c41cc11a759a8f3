import { createHash } from "node:crypto";
import { cpSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { FailureError, messageOf, printable, UsageError } from "../core/errors.ts";
import { whyNotWritten } from "../files/replace-file.ts";
import type { SubjectPlace } from "./load-subject.ts";

/** One side of a comparison: a checkout of this project, or a plug-in on top of the code that runs. */
export interface Subject extends SubjectPlace {
  /** As typed. */
  readonly name: string;
  readonly kind: "checkout" | "module";
  /** The folder in which its commit is looked up. */
  readonly home: string;
}

/** Where a package keeps its sources, or what was built of them. */
const LAYOUTS = [".", "dist"] as const;

/** What `--base` or `--head` names: a checkout of this project, a plug-in's module, or a folder that is a module. */
export function findSubject(option: string, name: string, own: string): Subject {
  const path = resolve(name);
  const refuse = (rule: string): UsageError => new UsageError(`${option} ${printable(name)}: ${rule}`);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw refuse("there is no such folder or file");
  if (stats.isFile()) {
    return { name, kind: "module", root: rootOf(own) ?? own, module: path, home: resolve(path, "..") };
  }
  if (!stats.isDirectory()) throw refuse("must be a folder or a module, got a pipe or device");
  const root = rootOf(path);
  if (root !== null) return { name, kind: "checkout", root, module: null, home: path };
  try {
    const module = createRequire(join(path, "here.js")).resolve(path);
    return { name, kind: "module", root: rootOf(own) ?? own, module, home: path };
  } catch {
    throw refuse(
      "must be a checkout of attnbench or a plug-in, got a folder that is neither; name the plug-in's module",
    );
  }
}

/** The folder that holds `src` and `variants` of a package; null where it has none. */
function rootOf(folder: string): string | null {
  const layout = LAYOUTS.find((one) =>
    [".ts", ".js"].some((end) => existsSync(join(folder, one, "src/kernels", `index${end}`))),
  );
  return layout === undefined ? null : join(folder, layout);
}

/**
 * A copy of a checkout's code in `folder`, so that both sides lie alike and an edit while they are measured moves nothing. A
 * plug-in stays where it is: its imports would not survive the move.
 */
export function copySubject(subject: Subject, folder: string): Subject {
  if (subject.kind === "module") return subject;
  try {
    for (const part of CODE) {
      const from = join(subject.root, part);
      if (existsSync(from)) cpSync(from, join(folder, part), { recursive: true });
    }
    const modules = join(subject.home, "node_modules");
    if (existsSync(modules)) symlinkSync(modules, join(folder, "node_modules"), "dir");
  } catch (thrown) {
    throw new FailureError(
      `${printable(subject.name)}: its code cannot be copied to ${printable(folder)}, ${whyNotWritten(thrown)}`,
    );
  }
  return { ...subject, root: folder };
}

/** What runs of a checkout. */
const CODE = ["src", "variants", "package.json"] as const;

/** SHA-256 of the names and bytes of a checkout's code, or of a plug-in's own file: not of what that imports. */
export function codeHash({ root, module }: SubjectPlace): string {
  const hash = createHash("sha256");
  try {
    if (module !== null) return hash.update(readFileSync(module)).digest("hex");
    for (const part of CODE.slice(0, 2)) {
      for (const file of readdirSync(join(root, part), { recursive: true, encoding: "utf8" }).sort()) {
        const path = join(root, part, file);
        if (statSync(path).isFile()) hash.update(`${part}/${file}\0`).update(readFileSync(path)).update("\0");
      }
    }
  } catch (thrown) {
    throw new FailureError(`${printable(module ?? root)}: cannot be read, ${messageOf(thrown)}`);
  }
  return hash.digest("hex");
}
