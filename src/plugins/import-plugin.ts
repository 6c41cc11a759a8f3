import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { type LoadFnOutput, type ResolveFnOutput, registerHooks, stripTypeScriptTypes } from "node:module";
import { basename, dirname, extname, join, resolve, sep } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { printable, UsageError } from "../core/errors.ts";
import { type CodeIdentity, identifyModules, nameFrom } from "../identity/module-graph.ts";
import { findPackage, packageFolder } from "../identity/packages.ts";

/** A plug-in's module as it was loaded, and the identity of that code. */
export interface ImportedPlugin {
  readonly exports: Record<string, unknown>;
  readonly code: PluginCode;
}

/** Which code a plug-in is. */
export interface PluginCode {
  /** Of its own file. */
  readonly name: string;
  /** Its file, and everything it was seen to load or imports, named relative to its folder. */
  readonly code: CodeIdentity;
}

/** How to load a plug-in whose ending does not decide it. */
const MODULE_FORMATS: Readonly<Record<string, string>> = { ".ts": "module-typescript", ".js": "module" };

/**
 * Imports the plug-in at a path, or from a package found from the working directory. Its `import … from
 * "attnbench"` is this very package, wherever the plug-in lies. A module is loaded once for each `label`.
 */
export async function importPlugin(name: string, label: string): Promise<ImportedPlugin> {
  // Compiled, this file and the surface end in .js.
  const surface = new URL(`../index${import.meta.url.slice(-3)}`, import.meta.url).href;
  const file = fileOf(name);
  const labelled = (url: string): string => {
    const own = new URL(url);
    if (label !== "") own.searchParams.set("as", label);
    return own.href;
  };
  const asked = file === null ? `attnbench-plugin:${name}` : labelled(pathToFileURL(file).href);
  const loaded = new Set<string>();
  /** Modules whose imports are the plug-in's. */
  const mine = new Set<string>();
  let entry = file;
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      if (specifier === "attnbench") return { url: surface, shortCircuit: true };
      if (specifier === asked) {
        const url =
          file === null
            ? labelled(resolvePackage((parentURL) => next(name, { ...context, parentURL })))
            : asked;
        entry = fileURLToPath(url);
        mine.add(url);
        // A plug-in is a module, whatever the nearest package.json says about .ts and .js.
        return { url, format: MODULE_FORMATS[extname(entry)], shortCircuit: true };
      }
      const found = next(specifier, context);
      if (mine.has(context.parentURL ?? "") && found.url.startsWith("file:")) {
        const path = fileURLToPath(found.url);
        loaded.add(path);
        // A package may already be loaded, so that its imports are not requested again: all of its files are
        // recorded.
        if (packageFolder(path) === null || packageFolder(path) === packageFolder(entry ?? ""))
          mine.add(found.url);
      }
      return found;
    },
    load: (url, context, next) => strippedInPackages(url, context.format) ?? next(url, context),
  });
  const { promise: stuck, reject } = Promise.withResolvers<never>();
  const giveUp = () => reject(new Error("it waits for something that never comes"));
  process.once("beforeExit", giveUp);
  try {
    const exports = (await Promise.race([import(asked), stuck])) as Record<string, unknown>;
    return { exports, code: codeOf(entry ?? name, loaded) };
  } finally {
    process.off("beforeExit", giveUp);
    hooks.deregister();
  }
}

/** A package, or a module in one. */
const PACKAGE = /^(@[a-z\d~-][\w.~-]*\/)?[a-z\d~-][\w.~-]*(\/[^\\\s]+)?$/;

/** The file whose path a plug-in's name is; null if it is a package. */
function fileOf(name: string): string | null {
  const file = resolve(name);
  // Its imports are found from where it lies, as Node finds them.
  if (existsSync(file) && statSync(file).isFile()) return realpathSync(file);
  if (PACKAGE.test(name) && findPackage(resolve("here.js"), name) !== null) return null;
  // Anything else, such as a pipe, may never end.
  if (existsSync(file)) throw new UsageError("must be a file, got a folder, pipe or device");
  throw new UsageError(
    PACKAGE.test(name)
      ? "there is no such file, nor a package of that name that is found from here; name a path, or install it"
      : "there is no such file",
  );
}

function resolvePackage(ask: (parentUrl: string) => ResolveFnOutput): string {
  const { url } = ask(pathToFileURL(resolve("here.js")).href);
  if (url.startsWith("file:")) return url;
  throw new UsageError(`must be a file or a package, got ${printable(url, 60)}`);
}

/**
 * A TypeScript module in a package, without its types: Node handles those itself everywhere but in
 * `node_modules`.
 */
function strippedInPackages(url: string, format: string | null | undefined): LoadFnOutput | null {
  if (!url.startsWith("file:")) return null;
  const path = fileURLToPath(url);
  if (!/\.[cm]?ts$/.test(path) || packageFolder(path) === null) return null;
  const text = readFileSync(path, "utf8");
  const isModule = format?.startsWith("module") || (!format && /^\s*(import|export)\b/m.test(text));
  return { format: isModule ? "module" : "commonjs", source: withoutTypes(text), shortCircuit: true };
}

/** Node warns on standard error that the function is experimental, although it uses it itself. */
function withoutTypes(text: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(text, { mode: "strip" });
  } finally {
    process.emitWarning = emitWarning;
  }
}

function codeOf(entry: string, loaded: ReadonlySet<string>): PluginCode {
  const real = realpathSync(entry);
  const base = dirname(real);
  const root = realpathSync(join(import.meta.dirname, "../.."));
  // What runs of this package is recorded in the environment.
  const isTold = (path: string) =>
    ["src", "variants"].some((part) => path.startsWith(join(root, part) + sep));
  const modules = [...loaded]
    .filter((path) => !isTold(path))
    .map((path) => [nameFrom(base, path), path] as const);
  const code = identifyModules(new Map([[basename(real), real], ...modules]), {
    base,
    ownPackage: packageFolder(real),
    isTold,
    deep: true,
  });
  return { name: basename(real), code };
}
