import { printable } from "../core/errors.ts";
import { checkAll } from "../library/check.ts";
import { formatSeconds } from "../text/format.ts";
import { hostOf } from "./host-of.ts";
import { EXIT, type ExitCode, type Io, note, print } from "./io.ts";

export interface CheckOptions {
  readonly mode: string | undefined;
  /** Naming none means all. */
  readonly variants: readonly string[];
  readonly kernel: string | undefined;
  readonly python: string | undefined;
  readonly simd: string | undefined;
  readonly seed: string | undefined;
  readonly scale: string | undefined;
  readonly dtype: string | undefined;
  readonly set: readonly string[];
  readonly plugins: readonly string[];
  readonly json: boolean;
}

/** Verifies variants with kernels over awkward shapes, and checks the laws. */
export async function check(options: CheckOptions, io: Io): Promise<ExitCode> {
  const start = io.now();
  const results = [];
  const notRun: string[] = [];
  const { variants, json, ...choices } = options;
  const named = variants.length > 0 ? variants : undefined;
  for await (const result of checkAll({ ...choices, variants: named }, hostOf(io))) {
    results.push(result);
    if (json) continue;
    const what = `${result.variant} by ${result.kernel}: ${result.check}`;
    if (result.notRun !== undefined) notRun.push(`not run ${what}: ${printable(result.notRun, 300)}`);
    else if (result.failure === null) print(io, `ok      ${what} (${result.passed})`);
    else print(io, `FAILED  ${what}`, `        ${printable(result.failure, 1000)}`);
    if (result.remark !== undefined) print(io, `warning ${printable(result.remark, 500)}`);
  }
  if (notRun.length > 0) print(io, ...notRun);
  const failed = results.filter(({ failure }) => failure !== null).length;
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  if (json) print(io, JSON.stringify({ passed, failed, results }, null, 2));
  else print(io, "", `${passed} checks passed, ${failed} failed, in ${formatSeconds(io.now() - start)}`);
  if (io.signal.aborted) note(io, "interrupted: not everything was checked");
  return !io.signal.aborted && failed === 0 ? EXIT.fine : EXIT.failed;
}
