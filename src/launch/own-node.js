import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";

/** The first major version of Node that runs this. */
export const NEEDED = 26;

/**
 * The package of Node for a platform: with one package per platform no script is needed to install it, and an
 * installer may be told to run none.
 *
 * @param {string} platform
 * @param {string} arch
 */
export function nodePackage(platform = process.platform, arch = process.arch) {
  const prefix = platform === "darwin" && arch === "arm64" ? "node-bin" : "node";
  return `${prefix}-${platform === "win32" ? "win" : platform}-${arch}`;
}

/**
 * The executable of the Node that was installed with the package at `root`, wherever an installer put it;
 * null if none was, or an old one. One installed next to it under the name `node` will do as well.
 *
 * @param {string} root
 * @returns {string | null}
 */
export function ownNode(root) {
  const { resolve } = createRequire(join(root, "package.json"));
  for (const name of [nodePackage(), "node"]) {
    try {
      const manifest = resolve(`${name}/package.json`);
      const { version, bin } = JSON.parse(readFileSync(manifest, "utf8"));
      const program = join(dirname(manifest), bin.node);
      if (Number(version.split(".")[0]) >= NEEDED && existsSync(program)) return program;
    } catch {
      // Not installed, or not what its name says.
    }
  }
  return null;
}
