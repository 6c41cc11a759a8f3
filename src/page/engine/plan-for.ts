import { printable, UsageError, unknownName } from "../../core/errors.ts";
import type { InputSource } from "../../core/tensors.ts";
import { SYNTHETIC_KINDS, syntheticSource } from "../../input/synthetic.ts";
import type { Kernel } from "../../kernels/kernel.ts";
import { inWords } from "../../library/as-typed.ts";
import { unavailableKernels } from "../../library/known-kernels.ts";
import { otherKernels } from "../../library/other-kernels.ts";
import { inputOf, planWith, type TypedChoices } from "../../library/plan-options.ts";
import { refuseUnfit, refuseUnsupported } from "../../library/refuse-unfit.ts";
import type { Catalogue } from "../../plugins/load-plugin.ts";
import type { Plan } from "../../record/schema/result-lines.ts";
import type { PageChoices } from "../choices.ts";

/** A plan, the numbers that it is measured on, and what to know before its results. */
export interface PreparedPlan {
  readonly plan: Plan;
  readonly source: InputSource;
  readonly remarks: readonly string[];
}

/** What may be chosen: the compiler finds one that is forgotten. */
const CHOICES: Readonly<Record<keyof PageChoices, true>> = {
  variants: true,
  lengths: true,
  kernels: true,
  batch: true,
  heads: true,
  kvHeads: true,
  headDim: true,
  valueDim: true,
  causal: true,
  mode: true,
  threads: true,
  dtype: true,
  set: true,
  input: true,
  seed: true,
  rounds: true,
  budget: true,
};

/**
 * The plan that is asked for, by the rules of the command line. Throws a UsageError, of one line, for what makes no sense,
 * cannot be had in a page, or leaves nothing to measure.
 */
export function planFor({ kernels, ...choices }: PageChoices, catalogue: Catalogue): PreparedPlan {
  refuseUnknown(choices);
  const options: TypedChoices = choices;
  const { spec, seed } = inputOf(options);
  const source = sourceOf(spec, seed);
  const ids = inWords("--kernel", kernels)?.split(",");
  const chosen = kernelsOf(ids, catalogue.kernels);
  const plan = planWith(options, catalogue, source, { kernels: () => chosen, plugins: () => [] });
  refuseUnsupported(plan);
  refuseUnfit(plan, source);
  const remarks =
    chosen === "auto" ? [...unavailableKernels(catalogue), ...otherKernels(plan, catalogue)] : [];
  return { plan, source, remarks };
}

function refuseUnknown(choices: object): void {
  const unknown = Object.keys(choices).find((name) => !Object.hasOwn(CHOICES, name));
  if (unknown !== undefined) throw unknownName("choice", unknown, Object.keys(CHOICES));
}

/** Inputs without a file: a page reads none. */
function sourceOf(spec: string, seed: number): InputSource {
  const kind = SYNTHETIC_KINDS.find((known) => known === spec);
  if (kind !== undefined) return syntheticSource(kind, seed);
  throw new UsageError(
    `--input: in a browser it must be one of ${SYNTHETIC_KINDS.join(", ")}, got '${printable(spec, 60)}'; measure files with attnbench run`,
  );
}

function kernelsOf(ids: readonly string[] | undefined, known: readonly Kernel[]): "auto" | readonly Kernel[] {
  if (ids === undefined || (ids.length === 1 && ids[0].trim() === "auto")) return "auto";
  const found = ids.map((id) => {
    const kernel = known.find((one) => one.id === id.trim());
    if (kernel !== undefined) return kernel;
    throw unknownName("kernel in a browser", id, ["auto", ...known.map((one) => one.id)]);
  });
  return [...new Set(found)];
}
