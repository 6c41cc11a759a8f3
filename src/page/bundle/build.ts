/** Bundles the scripts of the page that runs the suite: `npm run build:page`, which `npm ci` runs too. */
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bundledLiveReport, bundledUi } from "./bundle.ts";
import { bundledEngine } from "./bundled-engine.ts";

const output = fileURLToPath(new URL("./build/", import.meta.url));
const scripts = {
  "ui.js": await bundledUi(),
  "live-report.js": await bundledLiveReport(),
  "engine.js": await bundledEngine(),
};

mkdirSync(output, { recursive: true });
for (const [name, script] of Object.entries(scripts)) writeFileSync(`${output}${name}.draft`, script);
// Only once all are there: a script that is there is taken to be whole.
for (const name of Object.keys(scripts)) renameSync(`${output}${name}.draft`, `${output}${name}`);
