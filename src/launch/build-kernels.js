import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { NEEDED, ownNode } from "./own-node.js";

/**
 * Whether the wasm modules of the checkout at `root` can be built: by which Node, or why not.
 *
 * @param {string} root
 * @returns {{ readonly node: string } | { readonly why: string }}
 */
export function builder(root) {
  try {
    createRequire(join(root, "package.json")).resolve("assemblyscript/package.json");
  } catch {
    return { why: "assemblyscript is not installed" };
  }
  const own = Number(process.versions.node.split(".")[0]) >= NEEDED ? process.execPath : ownNode(root);
  return own === null ? { why: `Node ${NEEDED} or newer is not installed` } : { node: own };
}

/**
 * Builds them, and returns whether that succeeded. The compiler's output goes to standard error.
 *
 * @param {string} root
 * @param {string} node
 */
export function build(root, node) {
  const { status } = spawnSync(node, [join(root, "src/kernels/wasm/modules/build.ts")], {
    stdio: ["ignore", 2, 2],
  });
  return status === 0;
}

/** Milliseconds between two checks of another process that builds, and the most checks. */
const LOOK_MS = 200;
const LOOKS = 600;

/**
 * Builds the modules if they are missing, such as after an installation that ran no scripts; if another
 * process is building them, waits for it. If they cannot be built, the kernels will say so.
 *
 * @param {string} root
 */
export function buildWhereMissing(root) {
  const built = join(root, "src/kernels/wasm/build/wide.wasm");
  if (existsSync(built)) return;
  const found = builder(root);
  if (!("node" in found)) return;
  const lock = join(root, "src/kernels/wasm/build.lock");
  const cell = new Int32Array(new SharedArrayBuffer(4));
  for (let look = 0; look < LOOKS && !taken(lock); look++) {
    Atomics.wait(cell, 0, 0, LOOK_MS);
    if (existsSync(built)) return;
  }
  process.stderr.write("building the wasm kernels, once\n");
  try {
    build(root, found.node);
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
