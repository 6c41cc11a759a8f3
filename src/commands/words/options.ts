import type { Options } from "yargs";
import {
  CHANGE_DEFAULTS,
  COMPARE_DEFAULTS,
  GATE_DEFAULTS,
  HISTORY_DEFAULTS,
  PLAN_DEFAULTS,
  REPORT_DEFAULTS,
  SHOW_DEFAULTS,
  STUDY_DEFAULTS,
  TABLE_DEFAULTS,
} from "../../core/defaults.ts";

const usual = PLAN_DEFAULTS;

/**
 * The options of every command, as data: what `--help` prints, and what an unknown option is told to choose
 * from.
 */

const plugin: Options = {
  type: "string",
  array: true,
  describe: "a module, or a package, that brings variants, kernels or kinds; may be repeated",
};
const set: Options = {
  type: "string",
  array: true,
  describe:
    "a parameter or a form, such as longformer.window=64, stride.reach=none or local.bias=alibi; may be repeated",
};
const curve: Options = {
  type: "string",
  array: true,
  describe:
    "values of one parameter, each a case: bigbird.random=1..64, which doubles, 1..64:5, evenly in logarithms, or 1,8,64; may be repeated; without --variants beside full alone",
};
const causal: Options = { type: "boolean", describe: "no query attends to keys after it" };
const scale: Options = {
  type: "string",
  describe:
    "factor on q·k before the softmax, or on what a recurrence reads (default 1/√(head dim), 1 for ssd and rwkv7, or the input's)",
};
const dtype: Options = {
  type: "string",
  describe: `float32, float16 or bfloat16, for kernels that have it: inputs are rounded to it, and outputs judged by it (default ${usual.dtype})`,
};
const json: Options = { type: "boolean", describe: "print JSON" };
const seed: Options = {
  type: "string",
  describe: `seed of inputs, orders and checked rows (default ${usual.seed})`,
};
const kernel: Options = {
  type: "string",
  describe: `auto, or kernels separated by commas (default ${usual.kernel})`,
};
const python: Options = {
  type: "string",
  describe: "the Python of peers and files in Python (default ATTNBENCH_PYTHON, or the one on the path)",
};
const simd: Options = {
  type: "string",
  describe: `build of the wasm kernels, which auto then takes: auto, plain, relaxed or wide (default ${usual.simd}, the fastest)`,
};
const dimensions = {
  batch: { type: "string", describe: `batch entries (default ${usual.batch}, or the input's)` },
  heads: { type: "string", describe: `heads (default ${usual.heads}, or the input's)` },
  "kv-heads": {
    type: "string",
    describe: "heads of k and v (default as many, or the input's)",
  },
  "head-dim": { type: "string", describe: `width of a head (default ${usual.headDim}, or the input's)` },
  "value-dim": {
    type: "string",
    describe: "width of values and outputs (default the head's, or the input's)",
  },
  queries: {
    type: "string",
    describe: "queries, the last at the last key (default as many as keys)",
  },
  layer: {
    type: "boolean",
    describe: "whole layers around the heads: products of tokens with W^q, W^k, W^v, and with W^O",
  },
  "model-dim": {
    type: "string",
    describe: `width of a layer's tokens, of which heads are parts (default ${usual.modelDim} in ${usual.layerHeads} heads, or the input's)`,
  },
  positions: {
    type: "string",
    describe:
      "how a layer's tokens know where they are: none, sinusoidal, learned, 2d-sine[:width], rope, alibi or t5 (default none)",
  },
} as const satisfies Record<string, Options>;
const input: Options = {
  type: "string",
  describe: `gaussian, peaked, local, text:FILE, speech:FILE, image:FILE[,patch=16] or graph:FILE (without FILE their samples), FILE.safetensors (or its index of shards), FILE.npz or a folder of .npy files (default ${usual.input})`,
};
const tensors: Options = {
  type: "string",
  array: true,
  describe:
    "names of q, k, v (and the mask) in the input, such as layers.{3}.{q,k,v} (default q, k, v, and mask); of a layer x, and how its weights begin, such as x,layers.3.*",
};

const mode: Options = {
  type: "string",
  describe: `forward (whole sequences), decode (one token at a time), backward (the gradients alone) or train (forward and backward) (default ${usual.mode})`,
};

export const runOptions = {
  variants: {
    type: "string",
    describe:
      "variants or @tags, such as @sparse, separated by commas (default @core, and those of plug-ins)",
  },
  lengths: {
    type: "string",
    describe: `lengths, or positions to decode at: 1k,2k,5000 or 256..8192, which doubles (default ${usual.lengths}; to decode ${usual.positions})`,
  },
  ...dimensions,
  causal,
  scale,
  mode,
  kernel,
  python,
  dtype,
  threads: { type: "string", describe: `threads of a kernel (default ${usual.threads})` },
  simd,
  set,
  curve,
  input,
  tensors,
  workloads: {
    type: "string",
    describe: `inputs between commas on which errors against full attention are computed as well, at ${usual.workloadLength} tokens (${usual.workloads.join(",")} if none is named)`,
  },
  seed,
  rounds: {
    type: "string",
    describe: `rounds, each of which measures every case once (default ${usual.rounds})`,
  },
  budget: { type: "string", describe: `time for the whole run, such as 60s or 5m (default ${usual.budget})` },
  deadline: { type: "string", describe: "time of calls for one case (default a third of the budget)" },
  plugin,
  config: {
    type: "string",
    describe: "a JSON file with these options, - for standard input; options on the command line win",
  },
  out: { type: "string", describe: "the results file, ending in .jsonl (default results/<time>.jsonl)" },
  "samples-csv": {
    type: "string",
    describe: "also write every sample as CSV, to a file or next to the results",
  },
  resume: { type: "string", describe: "resume the run of this results file" },
  replay: { type: "string", describe: "repeat the plan of this results file, into a new file" },
  browser: {
    type: "string",
    describe: "run in this browser and not in Node: chromium, chrome, msedge, firefox or webkit",
  },
  "browser-path": {
    type: "string",
    describe: "the browser's program (default ATTNBENCH_BROWSER, or the one installed)",
  },
  "browser-args": {
    type: "string",
    array: true,
    describe:
      "words that the browser is started with, such as --browser-args=--use-webgpu-adapter=swiftshader; may be repeated",
  },
  report: { type: "boolean", describe: "also write the report" },
  table: {
    type: "boolean",
    describe: "also print every cell, and how near each variant comes to its limits",
  },
  "dry-run": { type: "boolean", describe: "print the cases and their expected cost, and measure nothing" },
  json,
} as const satisfies Record<string, Options>;

/** Those that hold several values between commas: as JSON they may be lists. */
export const commaLists: ReadonlySet<string> = new Set(["variants", "lengths", "kernel", "workloads"]);

export const checkOptions = {
  kernel,
  python,
  mode,
  scale,
  dtype,
  set,
  simd,
  seed,
  plugin,
  json,
} as const satisfies Record<string, Options>;

export const applyOptions = {
  input: {
    ...input,
    describe:
      "gaussian, peaked, local, text:FILE, speech:FILE, image:FILE[,patch=16] or graph:FILE (without FILE their samples), FILE.safetensors (or its index of shards), FILE.npz or a folder of .npy files",
    demandOption: "name q, k and v with --input FILE",
  },
  tensors,
  output: {
    type: "string",
    describe: "the .safetensors file to write `out` to",
    demandOption: "name a file with --output FILE",
  },
  length: { type: "string", describe: "use only the first tokens (default all)" },
  ...dimensions,
  causal,
  scale,
  mode,
  dtype,
  kernel,
  python,
  simd,
  set,
  seed,
  plugin,
  json,
} as const satisfies Record<string, Options>;

export const peersOptions = { python, json } as const satisfies Record<string, Options>;

export const doctorOptions = {
  threads: { type: "string", describe: "measure on this many threads (default 2, 4, … up to the cores)" },
  simd,
  plugin,
  json,
} as const satisfies Record<string, Options>;

/** Those of `list` that have a meaning with `--table` alone. */
export const tableOptions = {
  lengths: {
    type: "string",
    describe: `with --table: tokens at which to print values (default ${TABLE_DEFAULTS.lengths})`,
  },
  heads: { type: "string", describe: `with --table: heads (default ${TABLE_DEFAULTS.heads})` },
  "head-dim": {
    type: "string",
    describe: `with --table: width of a head (default ${TABLE_DEFAULTS.headDim})`,
  },
  causal: { type: "boolean", describe: "with --table: no query attends to keys after it" },
  set,
} as const satisfies Record<string, Options>;

export const listOptions = {
  family: { type: "string", describe: "only the variants of this family, such as sparse (default all)" },
  kernel: {
    type: "string",
    describe: "only this kernel; with --debug the machine code that it generates, as text for GNU as",
  },
  table: {
    type: "boolean",
    describe: "instead print Table 1: complexity per layer, sequential operations and maximum path length",
  },
  ...tableOptions,
  json,
  simd,
  plugin,
} as const satisfies Record<string, Options>;

export const showOptions = {
  length: {
    type: "string",
    describe: `tokens (default ${SHOW_DEFAULTS.length}, or a square image)`,
  },
  head: { type: "string", describe: `head, from 0 (default ${SHOW_DEFAULTS.head})` },
  pixel: {
    type: "string",
    describe: "draw what one pixel attends in its image: row and column from 0, such as 3,10",
  },
  query: { type: "string", describe: "draw what one query attends: its number, from 0" },
  weights: {
    type: "boolean",
    describe: "instead list what the layer learns: names, shapes and how each is drawn",
  },
  input: {
    type: "string",
    describe: `of a layer whose heads are a convolution, what both are computed of, such as image: (default ${PLAN_DEFAULTS.input})`,
  },
  causal,
  set,
  format: { type: "string", describe: `text, json or svg (default ${SHOW_DEFAULTS.format})` },
  plugin,
} as const satisfies Record<string, Options>;

export const reportOptions = {
  from: {
    type: "string",
    array: true,
    describe:
      "what attnbench export wrote as parquet or sqlite, as if its results files were named; may be repeated",
  },
  out: { type: "string", describe: "the folder to write to (default reports/<name of the results>)" },
  title: { type: "string", describe: "the report's title" },
  format: {
    type: "string",
    describe: `html, svg, png, md, csv, tex, vega, json, separated by commas (default ${REPORT_DEFAULTS.formats})`,
  },
  look: {
    type: "string",
    describe: "how charts look as files of their own: paper, page or dark (default page)",
  },
  facet: {
    type: "string",
    describe: "of a collection, what to report: a facet of its overview, or conditions such as machine=epyc",
  },
  open: { type: "boolean", describe: "open the page in the browser" },
} as const satisfies Record<string, Options>;

export const exportOptions = {
  format: {
    type: "string",
    describe: "parquet (a folder of files), sqlite (one file) or csv (a folder of files)",
    demandOption: "name one with --format parquet, sqlite or csv",
  },
  out: {
    type: "string",
    describe: "the file or the folder to write to",
    demandOption: "name a file or a folder with --out PATH",
  },
  overwrite: { type: "boolean", describe: "replace an earlier export of that name" },
} as const satisfies Record<string, Options>;

export const pageOptions = {
  port: { type: "string", describe: "the port of this machine to serve the page at (default a free one)" },
  out: { type: "string", describe: "write the page to this file, ending in .html, and serve nothing" },
  open: { type: "boolean", describe: "open the page in the browser" },
} as const satisfies Record<string, Options>;

const cells: Options = {
  type: "string",
  array: true,
  describe: "cells by name, with * for anything, or by part of a name, such as causal; may be repeated",
};
const acceptWork: Options = {
  type: "string",
  describe: "work that may change: pairs, useful_flops, …, separated by commas (all if none is named)",
};
const comparisonOutputs = {
  report: { type: "string", describe: "write the comparison to this folder" },
  format: { type: "string", describe: "what to write there, separated by commas (default all)" },
  annotate: { type: "boolean", describe: "also print annotations for GitHub" },
  table: { type: "boolean", describe: "also print every cell, and all else that is found" },
  json,
} as const satisfies Record<string, Options>;

export const compareOptions = {
  threshold: {
    type: "string",
    describe: `a smaller change is never called one (default ${100 * COMPARE_DEFAULTS.threshold}%)`,
  },
  "fail-on": {
    type: "string",
    describe: "slower, work, missing, separated by commas: end with exit code 4 if one holds",
  },
  "accept-work": acceptWork,
  "across-machines": { type: "boolean", describe: "compare even if machines, runtimes or settings differ" },
  variants: { type: "string", describe: "variants separated by commas (default all)" },
  lengths: { type: "string", describe: "such as 1k,2k,5000 or 256..8192 (default all)" },
  kernel: { type: "string", describe: "kernels separated by commas (default all)" },
  cells,
  "group-by": { type: "string", describe: "also summarise by variant, length or kernel" },
  ...comparisonOutputs,
} as const satisfies Record<string, Options>;

/** What determines the cells that are measured in turn. */
const pairedPlan = {
  variants: runOptions.variants,
  lengths: {
    type: "string",
    describe: `such as 1k,2k,5000 or 256..8192, which doubles (default ${GATE_DEFAULTS.lengths})`,
  },
  ...dimensions,
  causal,
  scale,
  mode,
  dtype,
  kernel,
  threads: runOptions.threads,
  simd,
  set,
  input,
  tensors,
  seed: { type: "string", describe: `seed of orders, inputs and layouts (default ${usual.seed})` },
  cells,
} as const satisfies Record<string, Options>;
const pairedFiles = {
  blocks: { type: "string", describe: "blocks that decide a cell (default 16)" },
  "cell-time": {
    type: "string",
    describe: `time of calls that a cell takes in a block (default ${GATE_DEFAULTS.cellTime})`,
  },
  out: { type: "string", describe: "the file of blocks, ending in .jsonl (default in results)" },
  resume: { type: "string", describe: "resume this file of blocks" },
  from: { type: "string", describe: "measure nothing; judge this file of blocks" },
} as const satisfies Record<string, Options>;

export const gateOptions = {
  base: {
    type: "string",
    describe:
      'the version to compare against: a checkout of attnbench, a plug-in\'s module, a program (mine.py, exec:"…") or a peer by its Python (peer:pytorch@OLD/bin/python3)',
  },
  head: { type: "string", describe: "the version under test, of the same kind" },
  ...pairedPlan,
  budget: {
    type: "string",
    describe: "time for the whole gate, such as 10m: plans blocks to fit (default as long as it takes)",
  },
  ...pairedFiles,
  calibration: {
    type: "string",
    describe: `what calibrate wrote on this machine (default ${GATE_DEFAULTS.calibration}, if it exists)`,
  },
  "accept-work": acceptWork,
  "accept-missing": { type: "boolean", describe: "head may lack cells that base has" },
  ...comparisonOutputs,
} as const satisfies Record<string, Options>;

/** Options of the gate that make its plan, and those by which it judges: a bisection hands them on. */
export const bisectPlanOptions = {
  ...pairedPlan,
  budget: gateOptions.budget,
  blocks: pairedFiles.blocks,
  "cell-time": pairedFiles["cell-time"],
} as const satisfies Record<string, Options>;
export const bisectRuleOptions = {
  calibration: gateOptions.calibration,
  "accept-work": acceptWork,
  "accept-missing": gateOptions["accept-missing"],
} as const satisfies Record<string, Options>;

export const bisectOptions = {
  good: { type: "string", describe: "a commit that is not slower, such as v1.0 or HEAD~40" },
  bad: { type: "string", describe: "a later one that is" },
  subject: {
    type: "string",
    describe: "what is gated of each commit: a plug-in's module or folder (default the working directory)",
  },
  build: {
    type: "string",
    describe:
      "words that make a checkout ready, such as 'make lib'; no shell reads them (default npm ci where there is a lockfile)",
  },
  out: { type: "string", describe: "the folder of what is tested (default in results)" },
  resume: { type: "string", describe: "go on with the bisection of this folder" },
  ...bisectPlanOptions,
  ...bisectRuleOptions,
  json,
} as const satisfies Record<string, Options>;

export const trainOptions = {
  variants: {
    type: "string",
    describe: "variants or @tags between commas (default ten, of each family that can be causal)",
  },
  tasks: {
    type: "string",
    describe: `tasks between commas, with settings after a colon, such as mqar:pairs=8 (default ${STUDY_DEFAULTS.tasks}); docs/tasks.md defines them`,
  },
  set,
  "head-dims": {
    type: "string",
    describe: "widths of a head, with each of which every task is trained once (default the task's own)",
  },
  rates: {
    type: "string",
    describe: `learning rates that every variant is tried with (default ${STUDY_DEFAULTS.rates.join(",")})`,
  },
  seeds: {
    type: "string",
    describe: `seeds that are reported (default ${STUDY_DEFAULTS.seeds}; of --quick 1)`,
  },
  steps: { type: "string", describe: "steps of a run (default the task's own)" },
  quick: {
    type: "boolean",
    describe: "a look: one seed each, by rates that come with the package",
  },
  workers: { type: "string", describe: "models that are trained at once (default one a core)" },
  plugin,
  "dry-run": { type: "boolean", describe: "print what would be trained, and train nothing" },
  out: { type: "string", describe: "the results file, ending in .jsonl (default results/<time>.jsonl)" },
  "add-to": { type: "string", describe: "a results file with times, to which what is learned is added" },
  resume: { type: "string", describe: "continue the study of this results file" },
  report: { type: "boolean", describe: "also write the report" },
  json,
} as const satisfies Record<string, Options>;

export const calibrateOptions = {
  base: { type: "string", describe: "a checkout or a plug-in's module (default this one)" },
  ...pairedPlan,
  runs: {
    type: "string",
    describe: `gates to run, each of base against itself (default ${GATE_DEFAULTS.runs})`,
  },
  inject: { type: "string", describe: "make one cell of each run slower by this percentage, such as 5" },
  budget: { type: "string", describe: "time for all runs (default as long as it takes)" },
  ...pairedFiles,
  out: { type: "string", describe: `the file of blocks (default ${GATE_DEFAULTS.calibration})` },
  json,
} as const satisfies Record<string, Options>;

const machine: Options = {
  type: "string",
  describe: "only the shards of this class of machines (default all of the plan)",
};

export const sweepOptions = {
  out: { type: "string", describe: "the sweep's folder (default sweeps/<name of the plan>)" },
  engine: {
    type: "string",
    describe: "what has the shards measured: local, slurm or kubernetes (default the plan's)",
  },
  machine,
  "files-only": {
    type: "boolean",
    describe: "write the engine's scripts or manifests, to be read or changed, and hand nothing over",
  },
  "dry-run": {
    type: "boolean",
    describe: "print the shards, their cases and processor-hours, and write and measure nothing",
  },
  json,
} as const satisfies Record<string, Options>;

export const sweepStatusOptions = { json } as const satisfies Record<string, Options>;

export const sweepResumeOptions = {
  engine: sweepOptions.engine,
  machine,
  "files-only": sweepOptions["files-only"],
} as const satisfies Record<string, Options>;

export const sweepCancelOptions = {} as const satisfies Record<string, Options>;

export const sweepCollectOptions = {
  out: {
    type: "string",
    describe: "the file of all results, ending in .jsonl",
    demandOption: "name a file with --out FILE",
  },
  partial: { type: "boolean", describe: "also what is measured so far of shards that are not done" },
  json,
} as const satisfies Record<string, Options>;

export const sweepWorkOptions = {
  shard: { type: "string", describe: "the shard's name" },
  list: {
    type: "string",
    describe: "instead, a file of names in the sweep's folder, one a line, for --index",
  },
  index: { type: "string", describe: "which line of --list, from 0" },
} as const satisfies Record<string, Options>;

const histories: Options = {
  type: "string",
  array: true,
  describe: `the history; may be repeated, and several are read as one (default ${HISTORY_DEFAULTS.history})`,
};
const repository: Options = {
  type: "string",
  describe: "a folder in the repository whose commits were measured (default the working directory)",
};
const branch: Options = {
  type: "string",
  describe: "the branch whose first parents put commits in order (default what is checked out)",
};

export const historyAddOptions = {
  history: {
    type: "string",
    describe: `the history, which is made if there is none (default ${HISTORY_DEFAULTS.history})`,
  },
  commit: {
    type: "string",
    describe: "the commit that was measured, of a gate that of head (default as the file says)",
  },
  "base-commit": { type: "string", describe: "the commit of a gate's base (default as the file says)" },
  committed: {
    type: "string",
    describe: "when it was committed, such as 2026-07-01T12:00:00Z, if no repository knows",
  },
  dirty: { type: "boolean", describe: "also add what differed from its commit, and note that it did" },
  side: { type: "string", describe: "of gates, add only base or head (default both)" },
  repository,
  json,
} as const satisfies Record<string, Options>;

export const historyListOptions = {
  history: histories,
  repository,
  branch,
  json,
} as const satisfies Record<string, Options>;

const historyChangeOptions = {
  history: histories,
  cells: {
    type: "string",
    array: true,
    describe: "only cells of these names, with * for anything, or with such a part; may be repeated",
  },
  threshold: {
    type: "string",
    describe: `a change of a level that is smaller is none (default ${100 * CHANGE_DEFAULTS.threshold}%)`,
  },
  "false-alarms": {
    type: "string",
    describe: `the probability that anything is called a change where nothing changes, over all cells and machines (default ${100 * CHANGE_DEFAULTS.falseAlarms}%)`,
  },
  repository,
  branch,
} as const satisfies Record<string, Options>;

export const historyCheckOptions = {
  ...historyChangeOptions,
  since: {
    type: "string",
    describe: "only changes after this commit, such as v1.0 or the beginning of a hash",
  },
  last: {
    type: "string",
    describe: `only changes among the last so many measured commits (default ${CHANGE_DEFAULTS.last})`,
  },
  json,
} as const satisfies Record<string, Options>;

export const historyAcceptOptions = {
  why: { type: "string", describe: "why the change is wanted; it is kept in the history" },
  cells: historyChangeOptions.cells,
  history: {
    type: "string",
    describe: `the history that notes it (default ${HISTORY_DEFAULTS.history})`,
  },
  repository,
  branch,
} as const satisfies Record<string, Options>;

export const historyPageOptions = {
  ...historyChangeOptions,
  out: {
    type: "string",
    describe: `the folder to write to (default ${CHANGE_DEFAULTS.page})`,
  },
  "commit-url": {
    type: "string",
    describe: "where commits are shown, such as https://example.org/project/commit/{commit}",
  },
  open: { type: "boolean", describe: "open the page in the browser" },
  json: { type: "boolean", describe: "also print the changes as JSON" },
} as const satisfies Record<string, Options>;

export const historyExportOptions = {
  history: histories,
  sqlite: {
    type: "string",
    describe: "write an SQLite database to this file, which --history reads as well",
  },
  jsonl: { type: "string", describe: "write a history to this file: each entry once, by commit date" },
  since: { type: "string", describe: "only commits from this day or time on, such as 2026-01-01" },
  until: { type: "string", describe: "only commits before this day or time" },
} as const satisfies Record<string, Options>;
