import { cpSync, existsSync, realpathSync, statSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { FailureError, printable, UsageError } from "../core/errors.ts";
import { whyNotWritten } from "../files/replace-file.ts";
import { readCheckout } from "../identity/checkout.ts";
import { type CodeIdentity, identityHash, nameFrom, UNREADABLE } from "../identity/module-graph.ts";
import { checkoutCode, codeFolder, partsOfCheckout } from "../identity/own-code.ts";
import { fileOfProgram, namesProgram } from "../kernels/external/program-spec.ts";
import type { PluginCode } from "../plugins/import-plugin.ts";
import type { SubjectPlace } from "./block/load-subject.ts";

/** One side of a comparison: a checkout of this project, or a plug-in on top of the code that runs. */
export interface GateSubject extends SubjectPlace {
  /** As typed. */
  readonly name: string;
  readonly kind: "checkout" | "module";
  /** The folder in which its commit is looked up. */
  readonly home: string;
}

/**
 * What `--base` or `--head` names: a checkout of this project, a plug-in's module, a folder that is a module, or a program in
 * another language.
 */
export function findSubject(option: string, name: string, own: string): GateSubject {
  const refuse = (rule: string): UsageError => new UsageError(`${option} ${printable(name)}: ${rule}`);
  if (namesProgram(name)) {
    const file = fileOfProgram(name);
    if (file === null) throw refuse("must name a file of the program's code, whose versions are compared");
    return { name, kind: "module", root: codeFolder(own) ?? own, module: name, home: dirname(file) };
  }
  const path = resolve(name);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw refuse("there is no such folder or file");
  if (stats.isFile()) {
    return { name, kind: "module", root: codeFolder(own) ?? own, module: path, home: resolve(path, "..") };
  }
  if (!stats.isDirectory()) throw refuse("must be a folder or a module, got a pipe or device");
  const root = codeFolder(path);
  if (root !== null) return { name, kind: "checkout", root, module: null, home: path };
  try {
    const module = createRequire(join(path, "here.js")).resolve(path);
    return { name, kind: "module", root: codeFolder(own) ?? own, module, home: path };
  } catch {
    throw refuse(
      "must be a checkout of attnbench or a plug-in, got a folder that is neither; name the plug-in's module",
    );
  }
}

/**
 * A copy of a checkout's code in `folder`, so that both sides are laid out alike and an edit during
 * measurement changes nothing. A plug-in stays where it is: its imports would not survive the move.
 */
export function copySubject(subject: GateSubject, folder: string): GateSubject {
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

/** The parts of a checkout that run. */
const CODE = ["src", "variants", "package.json"] as const;

/** Which code a side is: one hash of everything, and hashes of where it can differ. */
export interface SideCode {
  readonly code_sha256: string;
  readonly code: CodeIdentity;
}

/** The code of a checkout with all that it imports, or that of a plug-in as it was loaded. */
export function codeOfSide({ root }: SubjectPlace, plugin: PluginCode | null): SideCode {
  const code = plugin?.code ?? checkoutCode(root);
  const unread = Object.entries(code).find(([, hash]) => hash === UNREADABLE);
  if (unread !== undefined)
    throw new FailureError(`${printable(join(root, unread[0]))}: cannot be read; fix that`);
  return {
    code_sha256: identityHash(code, plugin?.name),
    code: plugin === null ? partsOfCheckout(code) : code,
  };
}

/** The commit of a side, and whether what ran differs from it; null if unknown. */
export function commitOfSide(
  { home, module }: GateSubject,
  plugin: PluginCode | null,
): { commit: string | null; dirty: boolean | null } {
  const { commit, dirty } = readCheckout(
    home,
    plugin === null || module === null ? undefined : filesIn(home, module, plugin),
  );
  return { commit, dirty };
}

/** The files of a plug-in that lie in a folder, by their names from there. */
function filesIn(home: string, module: string, { code }: PluginCode): readonly string[] {
  const file = namesProgram(module) ? (fileOfProgram(module) ?? module) : module;
  const [top, base] = [realpathSync(home), dirname(realpathSync(file))];
  return Object.keys(code)
    .filter((name) => !/^(npm|told):/.test(name))
    .map((name) => nameFrom(top, join(base, name)))
    .filter((name) => !name.startsWith(".."));
}
