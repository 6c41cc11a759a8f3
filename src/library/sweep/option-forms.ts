import type { OptionForm, OptionValue, RunOptions } from "../../sweep/plan/plan.ts";
import { optionNameOf, type PlanChoices, type TypedChoices } from "../plan-options.ts";

/** What each option of a run's plan takes. The compiler asks for each, and for no other. */
const FORMS: { readonly [Name in keyof PlanChoices]-?: OptionForm } = {
  mode: "word",
  variants: "commas",
  lengths: "commas",
  batch: "word",
  heads: "word",
  kvHeads: "word",
  headDim: "word",
  valueDim: "word",
  queries: "word",
  layer: "switch",
  modelDim: "word",
  positions: "word",
  causal: "switch",
  scale: "word",
  kernel: "commas",
  python: "word",
  threads: "word",
  dtype: "word",
  simd: "word",
  set: "repeated",
  curve: "repeated",
  input: "word",
  tensors: "commas",
  workloads: "commas",
  seed: "word",
  rounds: "word",
  budget: "word",
  deadline: "word",
  plugins: "repeated",
};

type ChoiceName = keyof PlanChoices;
const NAMES = Object.keys(FORMS) as ChoiceName[];

/** The same by their names on the command line, without dashes in front: what a plan may say. */
export const RUN_OPTION_FORMS: ReadonlyMap<string, OptionForm> = new Map(
  NAMES.map((name) => [dashed(name), FORMS[name]]),
);

/** Options by their names on the command line as `prepareRun` takes them. */
export function choicesOf(
  options: RunOptions | Readonly<Record<string, OptionValue | number>>,
): TypedChoices {
  const given = NAMES.flatMap((name) => {
    const value = options[dashed(name)];
    return value === undefined ? [] : [[name, value] as const];
  });
  // Each value has the form of its option, which `readPlan` has seen to.
  return Object.fromEntries(given) as TypedChoices;
}

/** A repeatable option is named in the singular where it is typed. */
function dashed(name: ChoiceName): string {
  return name === "plugins" ? "plugin" : optionNameOf(name).slice("--".length);
}
