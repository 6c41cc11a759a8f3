import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { NEEDED, ownNode } from "./own-node.js";

/**
 * What a checkout builds before it is used: what it is called, the package that builds it, the script that does, what
 * that makes last, and a folder that stands while it builds.
 *
 * @typedef {{
 *   readonly name: string,
 *   readonly tool: string,
 *   readonly script: string,
 *   readonly built: string,
 *   readonly lock: string,
 * }} Part
 */

/** @type {readonly Part[]} */
export const PARTS = [
  {
    name: "the wasm kernels",
    tool: "assemblyscript",
    script: "src/kernels/wasm/modules/build.ts",
    built: "src/kernels/wasm/build/wide.wasm",
    lock: "src/kernels/wasm/build.lock",
  },
  {
    name: "the report's scripts",
    tool: "rolldown",
    script: "src/report/bundle/build.ts",
    built: "src/report/bundle/build/page.js",
    lock: "src/report/bundle/build.lock",
  },
  {
    // It holds the wasm kernels, which come first.
    name: "the page's scripts",
    tool: "rolldown",
    script: "src/page/bundle/build.ts",
    built: "src/page/bundle/build/engine.js",
    lock: "src/page/bundle/build.lock",
  },
];

/**
 * Whether a part of the checkout at `root` can be built: by which Node, or why not.
 *
 * @param {string} root
 * @param {Part} part
 * @returns {{ readonly node: string } | { readonly why: string }}
 */
export function builder(root, { tool }) {
  try {
    createRequire(join(root, "package.json")).resolve(`${tool}/package.json`);
  } catch {
    return { why: `${tool} is not installed` };
  }
  const own = Number(process.versions.node.split(".")[0]) >= NEEDED ? process.execPath : ownNode(root);
  return own === null ? { why: `Node ${NEEDED} or newer is not installed` } : { node: own };
}

/**
 * Builds it, and returns whether that succeeded. What the build says goes to standard error.
 *
 * @param {string} root
 * @param {Part} part
 * @param {string} node
 */
export function build(root, { script }, node) {
  const { status } = spawnSync(node, [join(root, script)], { stdio: ["ignore", 2, 2] });
  return status === 0;
}

/**
 * Builds what is missing, such as after an installation that ran no scripts. What cannot be built will be told by
 * whatever needs it.
 *
 * @param {string} root
 */
export function buildWhereMissing(root) {
  for (const part of PARTS) buildIfMissing(root, part);
}

/** Milliseconds between two checks of another process that builds, and the most checks. */
const LOOK_MS = 200;
const LOOKS = 600;

/**
 * If another process is building it, waits for it.
 *
 * @param {string} root
 * @param {Part} part
 */
function buildIfMissing(root, part) {
  const built = join(root, part.built);
  if (existsSync(built)) return;
  const found = builder(root, part);
  if (!("node" in found)) return;
  const lock = join(root, part.lock);
  const cell = new Int32Array(new SharedArrayBuffer(4));
  for (let look = 0; look < LOOKS && !taken(lock); look++) {
    Atomics.wait(cell, 0, 0, LOOK_MS);
    if (existsSync(built)) return;
  }
  process.stderr.write(`building ${part.name}, once\n`);
  try {
    build(root, part, found.node);
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/**
 * Takes a lock. A folder that cannot be written is not somebody else's lock: the build will report it.
 *
 * @param {string} lock
 */
function taken(lock) {
  try {
    mkdirSync(lock);
    return true;
  } catch (thrown) {
    return /** @type {NodeJS.ErrnoException} */ (thrown).code !== "EEXIST";
  }
}
