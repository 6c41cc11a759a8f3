/** Builds the modules of the wasm family: `npm run build:wasm`, which `npm ci` runs too. */
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as asc from "assemblyscript/asc";
import { CLOSES_ROWS, EMPTY_STATE, FINAL, FULL, HAS_HOLES, IN_ORDER, TASK_WORDS } from "../../schedule.ts";
import { LISTED, LISTED_ITEM, LISTED_ROWS } from "../gradient/chosen/layout.ts";
import { FEATURE_GRADIENT, FEATURE_GRADIENT_ITEM } from "../gradient/feature-layout.ts";
import {
  GRADIENT,
  GRADIENT_ITEM,
  GRADIENT_ROWS,
  GROUP_WORDS,
  IN_PLACE,
  KEY_BLOCK,
  UNTOUCHED,
} from "../gradient/layout.ts";
import {
  AFT_BACK,
  AFT_BACK_ITEM,
  CELL_BACK,
  CONVOLUTION_BACK,
  CONVOLUTION_BACK_ITEM,
  HIDDEN,
  HIDDEN_ITEM,
} from "../gradient/mixing-layout.ts";
import { BACKWARD, BACKWARD_ITEM } from "../gradient/recurrence-layout.ts";
import { LAYER_ITEM, PACKED_ROWS, POOL, PRODUCT, PRODUCT_TILE } from "../layer/layout.ts";
import * as layout from "../layout.ts";
import * as recurrence from "../recurrence-layout.ts";
import { BEST, CHOSEN_ROWS, KEPT, RULE, SELECTION, SELECTION_ITEM } from "../selection/layout.ts";
import { butterfliesSource } from "./butterflies.ts";
import { gatheredSource } from "./gathered.ts";
import { matrixVectorSource } from "./matrix-vector.ts";
import { microKernelSource } from "./micro-kernel.ts";
import { scoreKernelSource } from "./score-kernels.ts";

/**
 * The builds, from one source. Wide differs from relaxed in the columns of its micro-kernel; V8 makes it 256
 * bits wide.
 */
const BUILDS = {
  plain: { panelKeys: layout.PANEL_KEYS.narrow, features: [] },
  relaxed: { panelKeys: layout.PANEL_KEYS.narrow, features: ["relaxed-simd"] },
  wide: { panelKeys: layout.PANEL_KEYS.wide, features: ["relaxed-simd"] },
} as const;

/** What the assembly takes for granted. */
function checkLayout(): void {
  const { TILE, PANEL_QUERIES, SHORT_PANEL, PANEL_KEYS } = layout;
  const rules: ReadonlyArray<readonly [boolean, string]> = [
    [
      PANEL_QUERIES === 6 && SHORT_PANEL < 6,
      "panels must have 6 queries, as weigh.ts joins them, and short ones fewer",
    ],
    [
      TILE.queries > 0 && TILE.queries % PANEL_QUERIES === 0,
      "TILE.queries must be a multiple of PANEL_QUERIES",
    ],
    [
      TILE.columns > 0 && TILE.columns % PANEL_KEYS.wide === 0,
      "TILE.columns must be a multiple of PANEL_KEYS.wide",
    ],
    [TILE.columns >= TILE.queries, "TILE.columns must be at least TILE.queries, as a causal chunk is square"],
    [
      PANEL_KEYS.wide === 2 * PANEL_KEYS.narrow && PANEL_KEYS.narrow % 8 === 0,
      "PANEL_KEYS must be multiples of 8, one twice the other",
    ],
    [
      layout.MOST_HEAD_DIM % PANEL_KEYS.wide === 0 && PRODUCT_TILE.columns % layout.MOST_HEAD_DIM === 0,
      "PRODUCT_TILE.columns must be a multiple of MOST_HEAD_DIM, and that of PANEL_KEYS.wide",
    ],
    [
      PRODUCT_TILE.rows > 0 && PRODUCT_TILE.rows % PANEL_QUERIES === 0,
      "PRODUCT_TILE.rows must be a multiple of PANEL_QUERIES",
    ],
  ];
  for (const [holds, rule] of rules) if (!holds) throw new RangeError(`layout.ts: ${rule}`);
}

const assembly = fileURLToPath(new URL("../assembly/", import.meta.url));
const output = fileURLToPath(new URL("../build/", import.meta.url));

checkLayout();
const names = Object.keys(BUILDS) as (keyof typeof BUILDS)[];
for (const name of names) await build(name);
// Only once all are there: a module that is there is taken to be whole.
for (const name of names) renameSync(draftOf(name), `${output}${name}.wasm`);

function draftOf(name: string): string {
  return `${output}${name}.draft.wasm`;
}

async function build(name: keyof typeof BUILDS): Promise<void> {
  const { panelKeys, features } = BUILDS[name];
  mkdirSync(`${assembly}generated`, { recursive: true });
  writeFileSync(`${assembly}generated/layout.ts`, layoutSource(panelKeys));
  writeFileSync(`${assembly}generated/micro.ts`, microKernelSource(panelKeys));
  writeFileSync(`${assembly}generated/scores.ts`, scoreKernelSource(panelKeys));
  writeFileSync(`${assembly}generated/matrix-vector.ts`, matrixVectorSource(panelKeys));
  writeFileSync(`${assembly}generated/gathered.ts`, gatheredSource(panelKeys));
  writeFileSync(`${assembly}generated/butterflies.ts`, butterfliesSource());
  const { error, stderr } = await asc.main([
    `${assembly}index.ts`,
    "--config",
    `${assembly}asconfig.json`,
    "--outFile",
    draftOf(name),
    "--enable",
    ["simd", "threads", ...features].join(","),
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
    constant("SHORT_PANEL", "i32", layout.SHORT_PANEL),
    constant("PANEL_KEYS", "i32", panelKeys),
    constant("PACKED_KEYS", "i32", layout.PANEL_KEYS.wide),
    constant("BURST_INNER", "i32", layout.BURST_INNER),
    constant("SCORE_ROW", "usize", layout.SCORE_ROW),
    constant("QUERY_ROW", "usize", layout.QUERY_ROW),
    constant("ITEM_BYTES", "usize", layout.ITEM_WORDS * 4),
    constant("TASK_BYTES", "usize", TASK_WORDS * 4),
    ...kinds("TASK", { FULL, EMPTY_STATE, CLOSES_ROWS, FINAL, HAS_HOLES, IN_ORDER }),
    ...offsets("CALL", layout.CALL),
    ...offsets("LANE", layout.LANE),
    ...offsets("SLICE", layout.SLICE),
    constant("SLICE_BYTES", "usize", Object.keys(layout.SLICE).length * 4),
    ...kinds("GATHER", layout.GATHER),
    ...kinds("GATHER_ITEM", layout.GATHER_ITEM),
    ...kinds("SOFTMAX", layout.SOFTMAX_ITEM),
    ...kinds("FEATURE", layout.FEATURE_ITEM),
    ...kinds("MAP", layout.MAP),
    ...offsets("PANEL", layout.PANEL),
    constant("PANEL_BYTES", "usize", Object.keys(layout.PANEL).length * 4),
    ...kinds("CELL", layout.CELL_KIND),
    constant("CELL_TOKENS", "i32", layout.CELL_TOKENS),
    ...kinds("AFT", layout.AFT_ITEM),
    ...kinds("CONVOLUTION", layout.CONVOLUTION_ITEM),
    ...kinds("FORM", layout.FORM),
    ...kinds("FOURIER_ITEM", layout.FOURIER_ITEM),
    ...offsets("FOURIER", layout.FOURIER),
    ...offsets("LEVEL", layout.LEVEL),
    constant("LEVEL_BYTES", "usize", Object.keys(layout.LEVEL).length * 4),
    ...kinds("GROUP_ITEM", layout.GROUP_ITEM),
    ...offsets("HASHED", layout.HASHED),
    ...offsets("ROUTED", layout.ROUTED),
    constant("GROUP_ROWS", "i32", layout.GROUP_ROWS),
    ...offsets("FILTER", layout.FILTER),
    constant("FILTER_BYTES", "usize", layout.FILTER_WORDS * 4),
    constant("MOST_TAPS", "i32", layout.MOST_TAPS),
    constant("MOST_HEAD_DIM", "i32", layout.MOST_HEAD_DIM),
    ...kinds("LAYER", LAYER_ITEM),
    ...offsets("PRODUCT", PRODUCT),
    ...offsets("POOL", POOL),
    constant("PACKED_ROWS", "i32", PACKED_ROWS),
    constant("PRODUCT_ROWS", "i32", PRODUCT_TILE.rows),
    constant("PRODUCT_COLUMNS", "i32", PRODUCT_TILE.columns),
    ...kinds("NORMALISER", layout.NORMALISER),
    ...kinds("ACTIVATION", layout.ACTIVATION),
    ...offsets("MATRIX", layout.MATRIX),
    ...offsets("STEP", layout.STEP),
    ...kinds("STEP_KIND", layout.STEP_KIND),
    constant("MOST_VALUES", "i32", layout.MOST_VALUES),
    constant("MIXED_BLOCKS", "i32", layout.MIXED_BLOCKS),
    constant("PLANES_TOGETHER", "i32", layout.PLANES_TOGETHER),
    constant("CLUSTERS_TOGETHER", "i32", layout.CLUSTERS_TOGETHER),
    constant("OUTER_ROWS", "i32", layout.OUTER_ROWS),
    constant("TANH_WORDS", "i32", layout.TANH_WORDS),
    constant("TANH_BURST", "i32", layout.TANH_BURST),
    ...offsets("SCORE", layout.SCORE),
    ...kinds("RULE", RULE),
    ...offsets("SELECTION", SELECTION),
    ...offsets("KEPT", KEPT),
    constant("BEST_BEFORE", "i32", BEST.before),
    constant("BEST_LEAST", "i32", BEST.least),
    ...kinds("SELECTION_ITEM", SELECTION_ITEM),
    constant("CHOSEN_ROWS", "i32", CHOSEN_ROWS),
    constant("SCORE_BYTES", "usize", layout.SCORE_WORDS * 4),
    ...offsets("GRADIENT", GRADIENT),
    ...kinds("GRADIENT_ITEM", GRADIENT_ITEM),
    ...offsets("LISTED", LISTED),
    ...kinds("LISTED_ITEM", LISTED_ITEM),
    constant("LISTED_ROWS", "i32", LISTED_ROWS),
    ...offsets("FEATURE_GRADIENT", FEATURE_GRADIENT),
    ...kinds("FEATURE_GRADIENT_ITEM", FEATURE_GRADIENT_ITEM),
    ...offsets("AFT_BACK", AFT_BACK),
    ...kinds("AFT_BACK_ITEM", AFT_BACK_ITEM),
    ...offsets("CONVOLUTION_BACK", CONVOLUTION_BACK),
    ...kinds("CONVOLUTION_BACK_ITEM", CONVOLUTION_BACK_ITEM),
    ...offsets("CELL_BACK", CELL_BACK),
    ...offsets("HIDDEN", HIDDEN),
    ...kinds("HIDDEN_ITEM", HIDDEN_ITEM),
    constant("GRADIENT_ROWS", "i32", GRADIENT_ROWS),
    constant("GROUP_BYTES", "usize", GROUP_WORDS * 4),
    constant("KEY_BLOCK", "i32", KEY_BLOCK),
    constant("UNTOUCHED", "i32", UNTOUCHED),
    constant("IN_PLACE", "i32", IN_PLACE),
    constant("TOKEN_CHUNK", "i32", recurrence.TOKEN_CHUNK),
    constant("CHANNEL_CHUNK", "i32", recurrence.CHANNEL_CHUNK),
    constant("TOKEN_FLOATS", "i32", recurrence.TOKEN_FLOATS),
    ...offsets("RECURRENCE", recurrence.RECURRENCE),
    ...offsets("PLACE", recurrence.RECURRENCE_PLACE),
    ...kinds("TOKEN_ROW", recurrence.TOKEN_ROW),
    ...kinds("CHANNEL_ROW", recurrence.CHANNEL_ROW),
    ...kinds("GATE_ROW", recurrence.GATE_ROW),
    ...kinds("RECURRENCE_ITEM", recurrence.RECURRENCE_ITEM),
    ...offsets("BACKWARD", BACKWARD),
    ...kinds("BACKWARD_ITEM", BACKWARD_ITEM),
    ...kinds("DECAY", recurrence.DECAY),
    ...kinds("WRITE", recurrence.WRITE),
    ...kinds("ERASE", recurrence.ERASE),
    ...kinds("UNIT", recurrence.UNIT),
    "",
  ].join("\n");
}
