import { unknownName } from "../core/errors.ts";
import type { CheckOptions } from "./check.ts";
import type { CompareOptions } from "./compare.ts";
import type { GateOptions } from "./gate.ts";
import type { ProgressHearing } from "./host.ts";
import type { PlanChoices } from "./plan-options.ts";
import type { ReportOptions } from "./report.ts";
import type { PlanOptions, RunOptions } from "./run.ts";

/** Every name of these options: the compiler asks for each, and for no other. */
type Names<Options> = Readonly<Record<keyof Options, true>>;

const hearing: Names<ProgressHearing> = { signal: true, onWarning: true, onProgress: true };

const choices: Names<PlanChoices> = {
  mode: true,
  variants: true,
  lengths: true,
  batch: true,
  heads: true,
  kvHeads: true,
  headDim: true,
  valueDim: true,
  queries: true,
  causal: true,
  scale: true,
  kernel: true,
  threads: true,
  simd: true,
  set: true,
  input: true,
  tensors: true,
  seed: true,
  rounds: true,
  budget: true,
  deadline: true,
  plugins: true,
};

const plan: Names<PlanOptions> = { ...choices, resume: true, replay: true };
const run: Names<RunOptions> = { ...plan, ...hearing, out: true };
const { onProgress: _, ...heard } = hearing;
const check: Names<CheckOptions> = {
  mode: true,
  variants: true,
  kernel: true,
  simd: true,
  seed: true,
  scale: true,
  plugins: true,
  ...heard,
};
const report: Names<ReportOptions> = { title: true, formats: true };
const compare: Names<CompareOptions> = {
  variants: true,
  lengths: true,
  kernel: true,
  cells: true,
  threshold: true,
  failOn: true,
  acceptWork: true,
  acrossMachines: true,
  groupBy: true,
};
const { rounds: _rounds, deadline: _deadline, plugins: _plugins, ...paired } = choices;
const gate: Names<GateOptions> = {
  base: true,
  head: true,
  ...paired,
  cells: true,
  blocks: true,
  cellTime: true,
  calibration: true,
  out: true,
  resume: true,
  from: true,
  acceptWork: true,
  acceptMissing: true,
  ...hearing,
};

const known = { plan, run, check, report, compare, gate } as const;

/**
 * Refuses an option that a function does not have: untyped programs would otherwise have it silently ignored.
 */
export function refuseUnknown(name: keyof typeof known, options: object): void {
  for (const given of Object.keys(options)) {
    if (Object.hasOwn(known[name], given)) continue;
    throw unknownName(`option of ${name}`, given, Object.keys(known[name]));
  }
}
