/** Builds the modules of the wasm family: `npm run build:wasm`, which `npm ci` runs too. */
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import { CLOSES_ROWS, EMPTY_STATE, FINAL, FULL, HAS_HOLES, TASK_WORDS } from "../../schedule.ts";
import * as layout from "../layout.ts";
import { microKernelSource } from "./micro-kernel.ts";

/** The builds, from one source. Wide differs from relaxed in the columns of its micro-kernel; V8 makes it 256 bits wide. */
const BUILDS = {
  plain: { panelKeys: layout.PANEL_KEYS.narrow, features: [] },
  relaxed: { panelKeys: layout.PANEL_KEYS.narrow, features: ["relaxed-simd"] },
  wide: { panelKeys: layout.PANEL_KEYS.wide, features: ["relaxed-simd"] },
} as const;

const assembly = fileURLToPath(new URL("../assembly/", import.meta.url));
const output = fileURLToPath(new URL("../build/", import.meta.url));

for (const [name, { panelKeys, features }] of Object.entries(BUILDS)) {
  mkdirSync(`${assembly}generated`, { recursive: true });
  writeFileSync(`${assembly}generated/layout.ts`, layoutSource(panelKeys));
  writeFileSync(`${assembly}generated/micro.ts`, microKernelSource(panelKeys));
  const options = ["--enable", ["simd", "threads", ...features].join(",")];
  const { error, stderr } = await asc.main([
    `${assembly}index.ts`,
    "--config",
    `${assembly}asconfig.json`,
    "--outFile",
    `${output}${name}.wasm`,
    ...options,
  ]);
  if (error !== null) throw new Error(`build:wasm: ${name}: ${error.message}\n${stderr.toString()}`);
}

/** The numbers of `layout.ts` as AssemblyScript constants: bytes as usize, counts and kinds as i32. */
function layoutSource(panelKeys: number): string {
  const constant = (name: string, type: string, value: number): string =>
    `export const ${name}: ${type} = ${value};`;
  const offsets = (prefix: string, words: Readonly<Record<string, number>>): string[] =>
    Object.entries(words).map(([name, word]) => constant(`${prefix}_${name}`, "usize", word * 4));
  const kinds = (prefix: string, values: Readonly<Record<string, number>>): string[] =>
    Object.entries(values).map(([name, value]) => constant(`${prefix}_${name}`, "i32", value));
  return [
    constant("QUERIES", "i32", layout.TILE.queries),
    constant("COLUMNS", "i32", layout.TILE.columns),
    constant("PANEL_QUERIES", "i32", layout.PANEL_QUERIES),
    constant("PANEL_KEYS", "i32", panelKeys),
    constant("SCORE_ROW", "usize", layout.SCORE_ROW),
    constant("QUERY_ROW", "usize", layout.QUERY_ROW),
    constant("ITEM_BYTES", "usize", layout.ITEM_WORDS * 4),
    constant("TASK_BYTES", "usize", TASK_WORDS * 4),
    ...kinds("TASK", { FULL, EMPTY_STATE, CLOSES_ROWS, FINAL, HAS_HOLES }),
    ...offsets("CALL", layout.CALL),
    ...offsets("LANE", layout.LANE),
    ...kinds("SOFTMAX", layout.SOFTMAX_ITEM),
    ...kinds("FEATURE", layout.FEATURE_ITEM),
    "",
  ].join("\n");
}
