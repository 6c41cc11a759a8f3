#!/usr/bin/env node
// Plain JavaScript that old versions of Node can read: they are told what to do in one line, or start the Node that came along.
import { existsSync } from "node:fs";
import nodeModule from "node:module";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { buildWhereMissing } from "./launch/build-kernels.js";
import { NEEDED, ownNode } from "./launch/own-node.js";
import { noNode, notLoaded } from "./launch/refusals.js";
import { runIn } from "./launch/run-in.js";

const root = fileURLToPath(new URL("..", import.meta.url));

if (Number(process.versions.node.split(".")[0]) >= NEEDED) {
  nodeModule.enableCompileCache();
  const command = await load();
  if (command !== null) await command.start();
} else {
  const node = ownNode(root);
  if (node === null) refuse(noNode(root));
  else
    await runIn(
      node,
      [...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2)],
      refuse,
    );
}

/**
 * The command line, or null where it cannot be loaded. In a checkout the sources run as they are; a package holds what was
 * built of them, and Node runs no sources there.
 *
 * @returns {Promise<{ start(): Promise<void> } | null>}
 */
async function load() {
  const source = new URL("./cli.ts", import.meta.url);
  const built = new URL("../dist/src/cli.js", import.meta.url);
  const inPackage = source.pathname.includes("/node_modules/") && existsSync(built);
  const runsSources = existsSync(source) && !inPackage;
  try {
    if (runsSources) buildWhereMissing(root);
    return await import(runsSources ? source.href : built.href);
  } catch (thrown) {
    if (process.argv.includes("--debug")) throw thrown;
    refuse(notLoaded(thrown, root));
    return null;
  }
}

/** @param {string} why */
function refuse(why) {
  process.stderr.write(`attnbench: ${why}\n`);
  process.exitCode = 1;
}
