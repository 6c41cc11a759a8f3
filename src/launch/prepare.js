// Runs when npm prepares this package: on npm ci, before packing, and whenever npx finds a checkout. A
// checkout whose tools are not installed yet is left alone, since npx never recovers from a script that
// failed there.
import process from "node:process";
import { fileURLToPath } from "node:url";
import { build, builder, PARTS } from "./build-parts.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
for (const part of PARTS) {
  const found = builder(root, part);
  if ("why" in found) process.stderr.write(`prepare: ${found.why}, so ${part.name} are not built\n`);
  else if (!build(root, part, found.node)) process.exitCode = 1;
}
