import type { PageChoices } from "./choices.ts";

/** What the page calls its fields. */
export const FIELD_LABELS: Readonly<Record<keyof PageChoices, string>> = {
  variants: "Variants",
  lengths: "lengths",
  kernels: "kernels",
  batch: "batch entries",
  heads: "heads",
  kvHeads: "heads of k and v",
  headDim: "width of a head",
  valueDim: "width of values",
  causal: "causal",
  mode: "mode",
  threads: "threads of a kernel",
  dtype: "numbers",
  set: "parameters",
  input: "input",
  seed: "seed",
  rounds: "rounds",
  budget: "time for the run",
};

/** Options of the command line whose names are not those of the choices, in kebab case. */
const OTHER_NAMES: Readonly<Record<string, keyof PageChoices>> = { "--kernel": "kernels" };

const labels: ReadonlyMap<string, string> = new Map([
  ...Object.entries(FIELD_LABELS).map(([name, label]) => [optionOf(name), label] as const),
  ...Object.entries(OTHER_NAMES).map(([option, name]) => [option, FIELD_LABELS[name]] as const),
]);

/**
 * What the engine says, in terms of the page: options that it has a field for are called by the field's label. What was
 * typed and is repeated in quotes stays as it is, and so does an option without a field.
 */
export function inFieldLabels(text: string): string {
  return text.replace(/got '[^']*'|(?<![\w'-])--[a-z]+(?:-[a-z]+)*/g, (found, at: number) => {
    const label = labels.get(found);
    if (label === undefined) return found;
    return at === 0 ? label : `“${label}”`;
  });
}

function optionOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
