import { compareResults } from "../compare/compare-results.ts";
import { roundSamples } from "../compare/round-samples.ts";
import { printable, UsageError } from "../core/errors.ts";
import { refuseTwice } from "../files/read-whole.ts";
import type { AsTyped } from "../library/as-typed.ts";
import { type CompareOptions as CompareChoices, compareSettings } from "../library/compare.ts";
import { readRun } from "../library/results.ts";
import { type ComparisonOutputs, outputsOf, tellComparisons } from "./comparison-outputs.ts";
import type { ExitCode, Io } from "./io.ts";

/** What was typed; undefined if it was not. */
export interface CompareOptions {
  /** The first is compared with each of the others. */
  readonly files: readonly string[];
  readonly choices: AsTyped<CompareChoices>;
  readonly outputs: ComparisonOutputs;
}

/**
 * Compares results files with the first of them, and reports in its exit code whether a forbidden change was
 * found.
 */
export async function compare(options: CompareOptions, io: Io): Promise<ExitCode> {
  const settings = compareSettings(options.choices);
  const formats = outputsOf(options.outputs);
  const [base, ...heads] = filesOf(options).map((file) => readRun(file));
  const compared = heads.map((head) => {
    const comparison = compareResults(base, head, settings);
    return { comparison, samples: roundSamples(base, head, comparison) };
  });
  return tellComparisons(compared, options.outputs, formats, io);
}

function filesOf({ files }: CompareOptions): readonly string[] {
  refuseTwice("compare", files);
  if (files.length >= 2) return files;
  throw new UsageError(
    `compare: two or more results files must be named, got only ${printable(files.join(" ") || "none")}; name base first, then head`,
  );
}
