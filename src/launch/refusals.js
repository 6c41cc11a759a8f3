import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import process from "node:process";
import { NEEDED, nodePackage } from "./own-node.js";

/**
 * Why nothing runs under this Node, and what to do.
 *
 * @param {string} root
 */
export function noNode(root) {
  const need = `Node ${NEEDED} or newer is needed, this is ${process.versions.node}`;
  if (isCheckout(root) && !isInstalled(root))
    return `${need}; run npm ci${placeOf(root)}, which brings one along`;
  const where = `${nodePackage()} was not installed with attnbench`;
  return `${need}, and ${where}: optional packages were omitted, or there is none for this platform; install with them, or use a newer Node of your own`;
}

/**
 * Why the command line could not be loaded, and what to do.
 *
 * @param {unknown} thrown
 * @param {string} root
 * @param {string} told the options that Node was started with
 */
export function notLoaded(thrown, root, told = nodeOptions()) {
  const { code, message } = /** @type {NodeJS.ErrnoException} */ (
    thrown instanceof Error ? thrown : new Error(`${thrown}`)
  );
  if (isCheckout(root) && !isInstalled(root)) {
    return `the packages it needs are not installed; run npm ci${placeOf(root)} first`;
  }
  if (!isCheckout(root) && !existsSync(join(root, "dist"))) {
    return "this package was not built; install the package that npm pack makes from a checkout, or use the checkout itself";
  }
  const options =
    told === "" ? "" : `; Node was started with ${printable(told)}: omit the option that forbids it`;
  switch (code) {
    case "ERR_UNKNOWN_FILE_EXTENSION":
      return `Node does not run TypeScript here${options}`;
    case "ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING":
      return "Node runs no TypeScript under node_modules; install the package that npm pack makes from a checkout, or use the checkout itself";
    case "ERR_MODULE_NOT_FOUND":
      return `something is missing, ${printable(message)}; install attnbench again`;
    default:
      return `cannot be loaded, ${printable(message)}${options || "; run it again with --debug and report what it prints"}`;
  }
}

function nodeOptions() {
  return [process.env.NODE_OPTIONS, ...process.execArgv].filter(Boolean).join(" ");
}

/** @param {string} root */
function isCheckout(root) {
  return existsSync(join(root, "src/cli.ts"));
}

/**
 * Whether the packages that every command needs are installed.
 *
 * @param {string} root
 */
function isInstalled(root) {
  return ["node_modules", "../node_modules"].some((folder) => existsSync(join(root, folder, "yargs")));
}

/** @param {string} root */
function placeOf(root) {
  const there = relative(workingDirectory(root), root);
  return there === "" ? "" : ` in ${printable(there)}`;
}

/** @param {string} otherwise if the working directory no longer exists */
function workingDirectory(otherwise) {
  try {
    return process.cwd();
  } catch {
    return otherwise;
  }
}

/**
 * One line without anything that a terminal would act on.
 *
 * @param {string} text
 */
function printable(text) {
  return text
    .split("\n")[0]
    .replace(/[^\x20-\x7e\xa0-\uffff]/g, "?")
    .slice(0, 300);
}
