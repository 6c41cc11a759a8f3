#!/usr/bin/env node
// Plain JavaScript that old versions of Node can parse: it says in one line what to do, or starts the bundled
// Node.
import { existsSync } from "node:fs";
import nodeModule from "node:module";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

try {
  await launch(await ownModules());
} catch (thrown) {
  // Under --permission every access to a file may throw, even to those that only say what is missing.
  const { code } = /** @type {NodeJS.ErrnoException} */ (thrown instanceof Error ? thrown : {});
  if (code !== "ERR_ACCESS_DENIED" || process.argv.includes("--debug")) throw thrown;
  refuse("Node may not read the files of attnbench; omit --permission, or add --allow-fs-read=*");
}

/** The launcher's own modules: a static import that may not be read could only end in a stack trace. */
async function ownModules() {
  return {
    ...(await import("./launch/build-parts.js")),
    ...(await import("./launch/own-node.js")),
    ...(await import("./launch/refusals.js")),
    ...(await import("./launch/run-in.js")),
  };
}

/** @param {Awaited<ReturnType<typeof ownModules>>} own */
async function launch(own) {
  if (Number(process.versions.node.split(".")[0]) >= own.NEEDED) {
    nodeModule.enableCompileCache();
    const command = await load(own);
    if (command !== null) await command.start();
    return;
  }
  const node = own.ownNode(root);
  if (node === null) refuse(own.noNode(root));
  else
    await own.runIn(
      node,
      [...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2)],
      refuse,
    );
}

/**
 * The command line, or null if it cannot be loaded. In a checkout the sources run as they are; a package
 * holds what was built from them, and Node does not run sources there.
 *
 * @param {Awaited<ReturnType<typeof ownModules>>} own
 * @returns {Promise<{ start(): Promise<void> } | null>}
 */
async function load({ buildWhereMissing, notLoaded }) {
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
