import { printable, UsageError } from "../core/errors.ts";
import type { Shape } from "../core/shape.ts";
import { syntheticSource } from "../input/synthetic.ts";
import { formatSeconds } from "../text/format.ts";
import { parseInteger } from "../text/units.ts";
import { check as checkAll } from "../verify/check.ts";
import { parseScale } from "./call-options.ts";
import { EXIT, type ExitCode, type Io, note, print } from "./io.ts";
import { findKernel, loadCatalogue, warnOfUnavailable } from "./load-plugins.ts";
import { parseMode } from "./mode-option.ts";
import { DEFAULTS, LIMITS } from "./run-options.ts";
import { chooseVariants } from "./settings.ts";
import { simdOf } from "./simd-option.ts";

export interface CheckOptions {
  readonly mode: string | undefined;
  readonly variants: readonly string[];
  readonly kernel: string | undefined;
  readonly simd: string | undefined;
  readonly seed: string | undefined;
  readonly scale: string | undefined;
  readonly plugins: readonly string[];
  readonly json: boolean;
}

/** Holds variants by kernels to the gate over awkward shapes and to the laws. */
export async function check(options: CheckOptions, io: Io): Promise<ExitCode> {
  const catalogue = await loadCatalogue(options.plugins, simdOf(options.simd));
  if ((options.kernel ?? "auto") === "auto") warnOfUnavailable(catalogue, io);
  const names = options.variants.length > 0 ? options.variants.join(",") : undefined;
  const variants = chooseVariants(catalogue.variants, names, []).map(({ variant }) => variant);
  const kernels =
    options.kernel === undefined || options.kernel === "auto"
      ? catalogue.kernels
      : options.kernel.split(",").map((id) => findKernel(catalogue, id.trim()));
  const seed = parseInteger("--seed", options.seed ?? DEFAULTS.seed, 0, LIMITS.seed);
  const context = {
    seed,
    kinds: catalogue.kinds,
    kernels: catalogue.kernels,
    scale: parseScale(options.scale),
    signal: io.signal,
    now: io.now,
    inputs: (kind: "gaussian" | "peaked", shape: Shape, from: number) =>
      syntheticSource(kind, from).inputs(shape),
  };
  const start = io.now();
  const results = [];
  const notRun: string[] = [];
  for await (const result of checkAll(variants, kernels, context, parseMode(options.mode))) {
    results.push(result);
    if (options.json) continue;
    const what = `${result.variant} by ${result.kernel}: ${result.check}`;
    if (result.notRun !== undefined) notRun.push(`not run ${what}: ${printable(result.notRun, 300)}`);
    else if (result.failure === null) print(io, `ok      ${what} (${result.passed})`);
    else print(io, `FAILED  ${what}`, `        ${printable(result.failure, 1000)}`);
    if (result.remark !== undefined) print(io, `warning ${printable(result.remark, 500)}`);
  }
  if (results.every(({ notRun }) => notRun !== undefined) && !io.signal.aborted) {
    throw new UsageError(
      "check: a chosen kernel must support a chosen variant, got none; leave --kernel out",
    );
  }
  if (notRun.length > 0) print(io, ...notRun);
  const failed = results.filter(({ failure }) => failure !== null).length;
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  if (options.json) print(io, JSON.stringify({ passed, failed, results }, null, 2));
  else print(io, "", `${passed} checks passed, ${failed} failed, in ${formatSeconds(io.now() - start)}`);
  if (io.signal.aborted) note(io, "interrupted: not everything was checked");
  return !io.signal.aborted && failed === 0 ? EXIT.fine : EXIT.failed;
}
