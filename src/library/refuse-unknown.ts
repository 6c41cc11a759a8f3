import { printable, textOf, UsageError, unknownName } from "../core/errors.ts";
import type { CheckOptions } from "./check.ts";
import type { CompareOptions } from "./compare.ts";
import type { GateOptions } from "./gate.ts";
import type { ProgressHearing } from "./host.ts";
import { optionNameOf, type PlanChoices } from "./plan-options.ts";
import type { ReportOptions } from "./report.ts";
import type { PlanOptions, RunOptions } from "./run.ts";

/** Every name of these options, the compiler asks for each and for no other, with what its value must be. */
type Names<Options> = { readonly [Name in keyof Options]-?: TypeOf<NonNullable<Options[Name]>> };

/** What `typeof` says of a number or a switch; others may be words, and are read where they are used. */
type TypeOf<Value> = [Value] extends [number] ? "number" : [Value] extends [boolean] ? "boolean" : "any";

const hearing: Names<ProgressHearing> = { signal: "any", onWarning: "any", onProgress: "any" };

const choices: Names<PlanChoices> = {
  mode: "any",
  variants: "any",
  lengths: "any",
  batch: "number",
  heads: "number",
  kvHeads: "number",
  headDim: "number",
  valueDim: "number",
  queries: "number",
  layer: "boolean",
  modelDim: "number",
  positions: "any",
  causal: "boolean",
  scale: "number",
  kernel: "any",
  python: "any",
  threads: "number",
  dtype: "any",
  simd: "any",
  set: "any",
  curve: "any",
  input: "any",
  tensors: "any",
  workloads: "any",
  seed: "number",
  rounds: "number",
  budget: "any",
  deadline: "any",
  plugins: "any",
};

const plan: Names<PlanOptions> = { ...choices, resume: "any", replay: "any" };
const run: Names<RunOptions> = { ...plan, ...hearing, out: "any" };
const { onProgress: _, ...heard } = hearing;
const check: Names<CheckOptions> = {
  mode: "any",
  variants: "any",
  kernel: "any",
  python: "any",
  simd: "any",
  seed: "number",
  scale: "number",
  dtype: "any",
  set: "any",
  plugins: "any",
  ...heard,
};
const report: Names<ReportOptions> = { title: "any", formats: "any", look: "any" };
const compare: Names<CompareOptions> = {
  variants: "any",
  lengths: "any",
  kernel: "any",
  cells: "any",
  threshold: "any",
  failOn: "any",
  acceptWork: "any",
  acrossMachines: "boolean",
  groupBy: "any",
};
const { rounds: _rounds, deadline: _deadline, plugins: _plugins, curve: _curve, ...paired } = choices;
const gate: Names<GateOptions> = {
  base: "any",
  head: "any",
  ...paired,
  cells: "any",
  blocks: "number",
  cellTime: "any",
  calibration: "any",
  out: "any",
  resume: "any",
  from: "any",
  acceptWork: "any",
  acceptMissing: "boolean",
  ...hearing,
};

const known = { plan, run, check, report, compare, gate } as const;

/**
 * Refuses an option that a function does not have, and words for a number or a switch: untyped programs would
 * otherwise have the one silently ignored, and `"false"` taken for true.
 */
export function refuseUnknown(name: keyof typeof known, options: object): void {
  const names: Readonly<Record<string, "number" | "boolean" | "any">> = known[name];
  for (const [given, value] of Object.entries(options)) {
    if (!Object.hasOwn(names, given)) throw unknownName(`option of ${name}`, given, Object.keys(names));
    const type = names[given];
    if (value === undefined || type === "any" || typeof value === type) continue;
    const rule = type === "number" ? "a number" : "true or false";
    throw new UsageError(
      `${optionNameOf(given)}: must be ${rule}, got ${printable(typeof value === "string" ? `'${value}'` : textOf(value), 60)}`,
    );
  }
}
