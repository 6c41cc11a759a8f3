import type { CellFilter } from "../compare/cell-filter.ts";
import { COMPARE_DEFAULTS, type CompareSettings, compareResults } from "../compare/compare-results.ts";
import { parseFailOn } from "../compare/fail-on.ts";
import { parseGrouping } from "../compare/group-cells.ts";
import { roundSamples } from "../compare/round-samples.ts";
import { parseAcceptedWork } from "../compare/work-changes.ts";
import { printable, UsageError } from "../core/errors.ts";
import { refuseTwice, shownName } from "../files/read-whole.ts";
import { readResults } from "../record/read.ts";
import { parseShare } from "../text/units.ts";
import { type ComparisonOutputs, outputsOf, tellComparisons } from "./comparison-outputs.ts";
import type { ExitCode, Io } from "./io.ts";

/** What was typed; undefined where it was not. */
export interface CompareOptions {
  /** The first is held against each of the others. */
  readonly files: readonly string[];
  readonly threshold: string | undefined;
  readonly failOn: string | undefined;
  /** Quantities, or empty for all. */
  readonly acceptWork: string | undefined;
  readonly acrossMachines: boolean;
  readonly filter: CellFilter;
  readonly groupBy: string | undefined;
  readonly outputs: ComparisonOutputs;
}

/** Holds results files against the first of them, and says with its exit code whether what must not be is. */
export async function compare(options: CompareOptions, io: Io): Promise<ExitCode> {
  const settings = settingsOf(options);
  const formats = outputsOf(options.outputs);
  const [base, ...heads] = filesOf(options).map((file) => readResults(file, shownName(file)));
  const compared = heads.map((head) => {
    const comparison = compareResults(base, head, settings);
    return { comparison, samples: roundSamples(base, head, comparison) };
  });
  return tellComparisons(compared, options.outputs, formats, io);
}

function settingsOf(options: CompareOptions): CompareSettings {
  const { threshold, failOn, acceptWork, acrossMachines, filter, groupBy } = options;
  return {
    threshold: threshold === undefined ? COMPARE_DEFAULTS.threshold : parseShare("--threshold", threshold),
    failOn: parseFailOn(failOn),
    acceptedWork: parseAcceptedWork(acceptWork),
    acrossMachines,
    filter,
    groupBy: parseGrouping(groupBy),
  };
}

function filesOf({ files }: CompareOptions): readonly string[] {
  refuseTwice("compare", files);
  if (files.length >= 2) return files;
  throw new UsageError(
    `compare: two results files or more must be named, got ${printable(files.join(" ") || "none")} alone; name base first, then head`,
  );
}
