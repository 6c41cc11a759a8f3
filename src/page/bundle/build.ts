/** Bundles the engine's script: `npm run build:page`, which `npm ci` runs too. */
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bundledEngine } from "./bundle.ts";

const output = fileURLToPath(new URL("./build/", import.meta.url));
const script = await bundledEngine();

mkdirSync(output, { recursive: true });
writeFileSync(`${output}engine.js.draft`, script);
// A script that is there is taken to be whole.
renameSync(`${output}engine.js.draft`, `${output}engine.js`);
