import { join } from "node:path";
import type { CellFilter } from "../compare/cell-filter.ts";
import { COMPARE_DEFAULTS, type CompareSettings, compareResults } from "../compare/compare-results.ts";
import type { Comparison } from "../compare/comparison.ts";
import { parseFailOn } from "../compare/fail-on.ts";
import { parseGrouping } from "../compare/group-cells.ts";
import type { ComparedFile } from "../compare/remarks.ts";
import { roundSamples } from "../compare/round-samples.ts";
import { parseAcceptedWork } from "../compare/work-changes.ts";
import { printable, UsageError, unknownName } from "../core/errors.ts";
import { parseShare } from "../core/units.ts";
import { readResults } from "../record/read.ts";
import { annotations } from "../report/comparison/annotations.ts";
import {
  COMPARISON_FORMATS,
  type ComparisonFormat,
  isComparisonFormat,
} from "../report/comparison/formats.ts";
import { comparisonJson } from "../report/comparison/json-text.ts";
import { comparisonTable } from "../report/comparison/table.ts";
import { writeComparison } from "../report/comparison/write-comparison.ts";
import { EXIT, type ExitCode, type Io, note, print } from "./io.ts";

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
  /** The folder to write to. */
  readonly report: string | undefined;
  readonly formats: string | undefined;
  readonly annotate: boolean;
  readonly json: boolean;
}

/** Holds results files against the first of them, and says with its exit code whether what must not be is. */
export async function compare(options: CompareOptions, io: Io): Promise<ExitCode> {
  const settings = settingsOf(options);
  const formats = formatsOf(options);
  const [base, ...heads] = filesOf(options).map((file) => readResults(file, file));
  const pairs = heads.map((head) => ({ head, comparison: compareResults(base, head, settings) }));
  const comparisons = pairs.map(({ comparison }) => comparison);
  if (options.json) print(io, jsonOf(comparisons));
  else print(io, comparisons.map((one) => comparisonTable(one, io.columns)).join("\n\n\n"));
  if (options.annotate) for (const one of comparisons) print(io, annotations(one));
  await writeReports(options, formats, pairs, base, io);
  return exitCodeFor(comparisons);
}

/** One comparison, or a list of several. */
function jsonOf(comparisons: readonly Comparison[]): string {
  const texts = comparisons.map((one) => comparisonJson(one).trimEnd());
  return texts.length === 1 ? texts[0] : `[\n${texts.join(",\n")}\n]`;
}

/** The worst of several: a regression, then that nothing can be said. */
function exitCodeFor(comparisons: readonly Comparison[]): ExitCode {
  const outcomes = comparisons.map(({ outcome }) => outcome);
  if (outcomes.includes("regressed")) return EXIT.regressed;
  return outcomes.includes("inconclusive") ? EXIT.inconclusive : EXIT.fine;
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
  if (files.length >= 2) return files;
  throw new UsageError(
    `compare: two results files or more must be named, got ${printable(files.join(" ") || "none")} alone; name base first, then head`,
  );
}

function formatsOf({ report, formats, annotate, json }: CompareOptions): readonly ComparisonFormat[] {
  if (annotate && json) {
    throw new UsageError(
      "--annotate: stands beside the table and not within JSON, got --json; leave one out",
    );
  }
  if (formats !== undefined && report === undefined) {
    throw new UsageError(
      `--format: must come with a folder to write to, got ${printable(formats, 80)} alone; add --report FOLDER`,
    );
  }
  if (formats === undefined) return COMPARISON_FORMATS;
  return [...new Set(formats.split(",").map((name) => formatNamed(name.trim())))];
}

function formatNamed(name: string): ComparisonFormat {
  if (isComparisonFormat(name)) return name;
  throw unknownName("format of a comparison", name, COMPARISON_FORMATS);
}

interface Pair {
  readonly head: ComparedFile;
  readonly comparison: Comparison;
}

async function writeReports(
  { report, json }: CompareOptions,
  formats: readonly ComparisonFormat[],
  pairs: readonly Pair[],
  base: ComparedFile,
  io: Io,
): Promise<void> {
  if (report === undefined) return;
  for (const [index, { head, comparison }] of pairs.entries()) {
    const folder = pairs.length === 1 ? report : join(report, `${index + 1}`);
    const paths = await writeComparison(comparison, folder, formats, roundSamples(base, head, comparison));
    for (const path of paths) (json ? note : print)(io, `wrote ${printable(path)}`);
  }
}
