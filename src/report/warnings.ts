import { printable } from "../core/errors.ts";
import type { Results } from "../record/case-row.ts";
import { lint } from "./lint.ts";
import { machineWarnings } from "./machine-warnings.ts";
import { placedRemarks } from "./places.ts";

/** What a reader should know before believing the numbers: each warning once, with the cases that it is about. */
export function warningsOf(results: Results): readonly string[] {
  return [
    ...warningsOfRun(results),
    ...machineWarnings(results.run.environment),
    ...warningsOfRounds(results),
    ...lint(results).map(({ text, places }) => `${places}: ${text}`),
  ];
}

function warningsOfRun({ run, rows }: Results): readonly string[] {
  const warnings: string[] = [];
  const missing = run.plan.cases.length - rows.length;
  if (missing > 0) {
    warnings.push(
      `${missing} of the ${run.plan.cases.length} planned cases ${missing === 1 ? "is" : "are"} not in the file: the run ended early; run it again with --resume`,
    );
  }
  const measured = rows.filter((row) => row.rounds > 0);
  const bare = measured.filter((row) => row.low_s === null);
  if (bare.length > 0) {
    warnings.push(
      `${of(bare.length, measured.length)} no interval, which needs six rounds; raise --rounds or --budget`,
    );
  }
  const short = measured.filter((row) => row.rounds < run.plan.rounds);
  if (short.length > 0) {
    warnings.push(`${of(short.length, measured.length)} fewer rounds than the ${run.plan.rounds} planned`);
  }
  if (run.environment.dirty === true) {
    warnings.push("the code had changes that its commit does not hold: nobody else can run the same");
  }
  return warnings;
}

function warningsOfRounds({ rows }: Results): readonly string[] {
  return placedRemarks(rows, (row) => row.warnings).map(
    ({ text, places }) => `${printable(text, 500)} (${places})`,
  );
}

function of(some: number, all: number): string {
  if (some === all) return all === 1 ? "the one measured case has" : `all ${all} measured cases have`;
  return `${some} of ${all} measured cases ${some === 1 ? "has" : "have"}`;
}
