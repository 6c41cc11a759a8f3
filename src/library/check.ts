import { PLAN_DEFAULTS } from "../core/defaults.ts";
import { UsageError } from "../core/errors.ts";
import type { Shape } from "../core/shape.ts";
import { syntheticSource } from "../input/synthetic.ts";
import { parseInteger } from "../text/units.ts";
import { type CheckResult, check } from "../verify/check.ts";
import { type AsTyped, inWords } from "./as-typed.ts";
import { parseScale } from "./call-options.ts";
import { type LoadedCatalogue, loadCatalogue } from "./catalogue.ts";
import { parseDtype } from "./dtype-option.ts";
import type { Hearing, Host } from "./host.ts";
import { chosenKernels, kernelEntries, pluginsWith } from "./kernel-choice.ts";
import { unavailableKernels } from "./known-kernels.ts";
import { parseMode } from "./mode-option.ts";
import { LIMITS, type PlanChoices } from "./plan-options.ts";
import { chooseVariants, settingsOf } from "./settings.ts";
import { simdOf } from "./simd-option.ts";

type CheckChoices = Pick<
  PlanChoices,
  "mode" | "variants" | "kernel" | "python" | "simd" | "seed" | "scale" | "dtype" | "set" | "plugins"
>;

/** The options of `check`. All kernels if omitted. */
export interface CheckOptions extends CheckChoices, Hearing {}

/**
 * Verifies variants with kernels over awkward shapes, and checks the laws. Yields the result of each as it
 * goes.
 */
export async function* checkAll(
  options: AsTyped<CheckChoices>,
  host: Pick<Host, "signal" | "warn" | "now">,
): AsyncGenerator<CheckResult, void, void> {
  const catalogue = await loadCatalogue(
    pluginsWith(options),
    simdOf(options.simd),
    kernelEntries(options.kernel),
  );
  try {
    yield* checkWith(options, catalogue, host);
  } finally {
    await catalogue.close();
  }
}

async function* checkWith(
  options: AsTyped<CheckChoices>,
  catalogue: LoadedCatalogue,
  host: Pick<Host, "signal" | "warn" | "now">,
): AsyncGenerator<CheckResult, void, void> {
  const asked = chosenKernels(options, catalogue);
  if (asked === "auto") for (const line of unavailableKernels(catalogue)) host.warn(line);
  const named = inWords("--variants", options.variants);
  const chosen = chooseVariants(catalogue.variants, named, settingsOf(options.set));
  const variants = chosen.map(({ variant }) => variant);
  const kernels = asked === "auto" ? catalogue.kernels.filter(({ onDemand }) => onDemand !== true) : asked;
  const seed = parseInteger("--seed", options.seed ?? PLAN_DEFAULTS.seed, 0, LIMITS.seed);
  const mode = parseMode(options.mode);
  const { signal, now } = host;
  const context = {
    seed,
    kinds: catalogue.kinds,
    kernels: catalogue.kernels,
    scale: parseScale(options.scale),
    dtype: parseDtype(options.dtype, mode),
    settings: new Map(chosen.map(({ variant, overrides }) => [variant, overrides])),
    signal,
    now,
    inputs: (kind: "gaussian" | "peaked", shape: Shape, from: number) =>
      syntheticSource(kind, from).inputs(shape),
  };
  let ran = false;
  let why = "no kernel was chosen";
  for await (const result of check(variants, kernels, context, mode)) {
    ran ||= result.notRun === undefined;
    if (result.notRun !== undefined) why = `${result.variant} by ${result.kernel}: ${result.notRun}`;
    yield result;
  }
  if (ran || signal.aborted) return;
  throw new UsageError(`check: a chosen kernel must support a chosen variant; ${why}`);
}
