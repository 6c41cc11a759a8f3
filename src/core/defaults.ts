import { USUAL_DTYPE } from "./dtype.ts";
import { USUAL_OPERATION } from "./operation.ts";

/**
 * What every command, and the library's function of that name, uses if not told otherwise: `--help` prints
 * these numbers. How a gate judges, including its count of blocks, is a method, and all of it is in
 * `stats/two-stage-rule.ts`.
 */

/** What determines a plan. Dimensions are the input's own if it fixes them. */
export const PLAN_DEFAULTS = {
  mode: USUAL_OPERATION,
  lengths: "256..4096",
  /** The lengths when decoding: positions. */
  positions: "256..64k",
  batch: 1,
  heads: 1,
  headDim: 64,
  /** Those of Vaswani et al. 2017's base model. */
  modelDim: 512,
  layerHeads: 8,
  kernel: "auto",
  threads: 1,
  dtype: USUAL_DTYPE,
  simd: "auto",
  input: "gaussian",
  /** Inputs on which errors are computed if `--workloads` names none, and how many of their tokens. */
  workloads: ["gaussian", "text:", "speech:", "image:patch=2"],
  workloadLength: 512,
  seed: 1,
  rounds: 15,
  /** As typed. The deadline of a case is the budget divided by `deadlines`. */
  budget: "60s",
  deadlines: 3,
  /**
   * The last positions at which the baseline also recomputes, among the usual ones and among typed ones:
   * beyond, one token takes seconds.
   */
  mostRecomputed: { usual: 4096, typed: 16_384 },
} as const;

/**
 * How a gate and a calibration measure. Lengths are few and short, since each cell is measured about a
 * hundred times.
 */
export const GATE_DEFAULTS = {
  lengths: "256,1024",
  /** Time of calls that a cell takes in a block. */
  cellTime: "200ms",
  /** Gates that a calibration runs. */
  runs: 10,
  /** Where a calibration leaves its blocks, and a gate looks for them. */
  calibration: "results/calibration.jsonl",
} as const;

/** How a study trains: the grid of rates that every variant is tried with, and the seeds that are reported. */
export const STUDY_DEFAULTS = { tasks: "mqar", rates: [0.003, 0.01, 0.03], seeds: 3 } as const;

/** Where the history of a project's numbers lies. */
export const HISTORY_DEFAULTS = { history: "history.jsonl" } as const;

/** How two results files are compared: a smaller relative change is never called one. */
export const COMPARE_DEFAULTS = { threshold: 0.03 } as const;

/**
 * How a history's changes are told from noise: a smaller change of a level never is one, a level has at least so many commits,
 * and the probability that anything is called a change where nothing changes is at most this, over all cells and machines.
 * `check` looks at the last so many commits.
 */
export const CHANGE_DEFAULTS = {
  threshold: 0.02,
  least: 6,
  falseAlarms: 0.01,
  seed: 1,
  last: 100,
  /** The folder of the page. */
  page: "reports/history",
} as const;

/** What Table 1 is printed for. */
export const TABLE_DEFAULTS = {
  lengths: "512,4096",
  heads: `${PLAN_DEFAULTS.heads}`,
  headDim: `${PLAN_DEFAULTS.headDim}`,
} as const;

/** How a pattern is shown. */
export const SHOW_DEFAULTS = { length: 32, head: 0, format: "text" } as const;

/** What a report is written as: everything that is text. The CSV is next to the results already. */
export const REPORT_DEFAULTS = { formats: ["html", "svg", "md", "vega"] } as const;
