/** Bundles the scripts of a report's page: `npm run build:report`, which `npm ci` runs too. */
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bundledPage, bundledVega } from "./bundle.ts";

const output = fileURLToPath(new URL("./build/", import.meta.url));
const scripts = { "vega.js": await bundledVega(), "page.js": await bundledPage() };

mkdirSync(output, { recursive: true });
for (const [name, script] of Object.entries(scripts)) writeFileSync(`${output}${name}.draft`, script);
// Only once all are there: a script that is there is taken to be whole.
for (const name of Object.keys(scripts)) renameSync(`${output}${name}.draft`, `${output}${name}`);
