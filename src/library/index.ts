import type { Comparison } from "../compare/comparison.ts";
import type { Plan, ResultLine } from "../record/schema/result-lines.ts";
import type { CheckResult } from "../verify/check.ts";
import type { CheckOptions } from "./check.ts";
import type { CompareOptions } from "./compare.ts";
import type { GateOptions } from "./gate.ts";
import { hostFor } from "./host.ts";
import { refuseOldNode } from "./refuse-old-node.ts";
import { refuseUnknown } from "./refuse-unknown.ts";
import type { ReportOptions } from "./report.ts";
import type { ReadRun, ResultsSource } from "./results.ts";
import type { PlanOptions, RunOptions } from "./run.ts";
import { runFile } from "./run-file.ts";

// What programs call. Each function loads its part of the code when it is called: plug-ins import the same
// surface, and a gate loads them anew for every block.

/**
 * Checks and times variants across lengths, as `attnbench run` does. Yields the lines of the results as they
 * come: the run, its cases, and a line for each round of a case. To stop early, end the loop or abort the
 * signal; kernels are freed either way. Throws a `UsageError` for an invalid option, a `FailureError` if a
 * file or a plug-in fails.
 */
export async function* run(options: RunOptions = {}): AsyncGenerator<ResultLine, void, void> {
  refuseOldNode();
  refuseUnknown("run", options);
  const { measureRun, prepareRun } = await import("./run.ts");
  const { signal, onWarning, onProgress, ...asked } = options;
  const host = hostFor({ signal, onWarning, onProgress });
  const path = runFile(asked);
  yield* measureRun(await prepareRun(asked, host), path, host);
}

/**
 * What `run` would do: every case, with its work and the time that one call may take. Nothing is measured.
 */
export async function plan(options: PlanOptions = {}): Promise<Plan> {
  refuseOldNode();
  refuseUnknown("plan", options);
  const { prepareRun } = await import("./run.ts");
  const { plan: made, catalogue } = await prepareRun(options, hostFor({}));
  await catalogue.close();
  return made;
}

/**
 * Checks variants and kernels against the float64 reference over awkward shapes and against the laws, as
 * `attnbench check` does. Yields the result of each kind of check as it goes; one that failed has a
 * `failure`. Throws as `run` does, and a `UsageError` after the last result if no chosen kernel supports a
 * chosen variant.
 */
export async function* check(options: CheckOptions = {}): AsyncGenerator<CheckResult, void, void> {
  refuseOldNode();
  refuseUnknown("check", options);
  const { checkAll } = await import("./check.ts");
  yield* checkAll(options, hostFor(options));
}

/**
 * Reads results, also those that `attnbench export` wrote as Parquet or SQLite, and validates every line. Throws a
 * `FailureError` that names the line, or table, row and column, if one is wrong; a last line that was cut off is ignored,
 * and `truncated` says so.
 */
export async function readResults(source: ResultsSource): Promise<ReadRun> {
  refuseOldNode();
  const { readOne } = await import("./results.ts");
  return readOne(source);
}

/**
 * The files of a report, by their names: a page, charts, a summary, tables, as `attnbench report` writes
 * them. Nothing is written. With several results, each is compared with the first. The same results give the
 * same bytes.
 */
export async function report(
  results: ReadRun | readonly ReadRun[],
  options: ReportOptions = {},
): Promise<ReadonlyMap<string, string | Uint8Array>> {
  refuseOldNode();
  refuseUnknown("report", options);
  const { filesOfReport } = await import("./report.ts");
  return filesOfReport("rows" in results ? [results] : results, options);
}

/**
 * Compares one run with another, as `attnbench compare` does: a verdict for each cell, changed work, and an
 * outcome. Throws a `UsageError` for runs of two machines or runtimes, unless told otherwise, and a
 * `FailureError` if no cell can be compared.
 */
export async function compare(
  base: ReadRun,
  head: ReadRun,
  options: CompareOptions = {},
): Promise<Comparison> {
  refuseOldNode();
  refuseUnknown("compare", options);
  const { comparisonFor } = await import("./compare.ts");
  return comparisonFor(base, head, options);
}

/**
 * Measures two versions in turn, as `attnbench gate` does, and says whether head is slower; or judges a file
 * of blocks again, if `from` names one. The blocks are kept in `out`. Null if the signal was aborted:
 * `resume` then continues the file. Throws as `run` does, and a `FailureError` if nothing was measured.
 */
export async function gate(options: GateOptions): Promise<Comparison | null> {
  refuseOldNode();
  refuseUnknown("gate", options);
  const { gateOf } = await import("./gate.ts");
  return gateOf(options, hostFor(options));
}
