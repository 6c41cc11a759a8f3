#!/usr/bin/env node
// Plain JavaScript that old versions of Node can read: it says in one line what to do, where they would print a stack.
import process from "node:process";

const NEEDED = 26;
const major = Number(process.versions.node.split(".")[0]);
if (major < NEEDED) {
  process.stderr.write(
    `attnbench: Node ${NEEDED} or newer is needed, this is ${process.versions.node}; ` +
      `after npm ci, use npm start or npx attnbench, which bring their own\n`,
  );
  process.exitCode = 1;
} else {
  const { existsSync } = await import("node:fs");
  const { enableCompileCache } = await import("node:module");
  enableCompileCache();
  // In a checkout the sources run as they are; a package holds what was built of them.
  const source = new URL("./cli.ts", import.meta.url);
  const built = new URL("../dist/src/cli.js", import.meta.url);
  const { start } = await import(existsSync(source) ? source.href : built.href);
  await start();
}
