import { join } from "node:path";
import type { Comparison } from "../compare/comparison.ts";
import type { RoundSamples } from "../compare/round-samples.ts";
import { printable, UsageError, unknownName } from "../core/errors.ts";
import { refusePageName, refuseUnwritableFolder } from "../files/write-folder.ts";
import { annotations } from "../report/comparison/annotations.ts";
import {
  COMPARISON_FORMATS,
  type ComparisonFormat,
  isComparisonFormat,
} from "../report/comparison/formats.ts";
import { comparisonJson } from "../report/comparison/json-text.ts";
import { comparisonText } from "../report/comparison/table.ts";
import { writeComparison } from "../report/comparison/write-comparison.ts";
import { failureMessage } from "./failure.ts";
import { EXIT, type ExitCode, type Io, note, print } from "./io.ts";

/** How comparisons are reported, as typed. */
export interface ComparisonOutputs {
  /** The folder to write to. */
  readonly report: string | undefined;
  readonly formats: string | undefined;
  readonly annotate: boolean;
  /** Whether every cell is printed. */
  readonly table: boolean;
  readonly json: boolean;
}

/** A comparison, and the times that its ratios are based on. */
export interface Compared {
  readonly comparison: Comparison;
  readonly samples: readonly RoundSamples[];
}

/** The formats asked for. Refuses outputs that do not go together, before anything is measured or read. */
export function outputsOf({
  report,
  formats,
  annotate,
  json,
}: ComparisonOutputs): readonly ComparisonFormat[] {
  if (annotate && json) {
    throw new UsageError("--annotate: is printed with the table and not within JSON, got --json; omit one");
  }
  if (formats !== undefined && report === undefined) {
    throw new UsageError(
      `--format: needs a folder to write to, got only ${printable(formats, 80)}; add --report FOLDER`,
    );
  }
  const named = formats?.split(",").map((name) => formatNamed(name.trim()));
  refusePageName("--report", report);
  if (report !== undefined) refuseUnwritableFolder(report);
  return named === undefined ? COMPARISON_FORMATS : [...new Set(named)];
}

function formatNamed(name: string): ComparisonFormat {
  if (isComparisonFormat(name)) return name;
  throw unknownName("format of a comparison", name, COMPARISON_FORMATS);
}

/**
 * Reports comparisons and returns their exit code. Outputs that cannot be written fail the command if the
 * comparisons did not: what those found still stands.
 */
export async function tellComparisons(
  compared: readonly Compared[],
  outputs: ComparisonOutputs,
  formats: readonly ComparisonFormat[],
  io: Io,
): Promise<ExitCode> {
  const code = exitCodeFor(compared.map(({ comparison }) => comparison));
  try {
    await printComparisons(compared, outputs, formats, io);
  } catch (thrown) {
    if (code === EXIT.fine) throw thrown;
    note(io, failureMessage(thrown, false));
  }
  return code;
}

/**
 * Prints comparisons, and writes their outputs: if there are several, each into a numbered folder of its own.
 */
async function printComparisons(
  compared: readonly Compared[],
  { report, annotate, table, json }: ComparisonOutputs,
  formats: readonly ComparisonFormat[],
  io: Io,
): Promise<void> {
  const comparisons = compared.map(({ comparison }) => comparison);
  if (json) print(io, jsonOf(comparisons));
  else print(io, comparisons.map((one) => comparisonText(one, table, io.columns)).join("\n\n\n"));
  if (annotate) for (const one of comparisons) print(io, annotations(one));
  if (report === undefined) return;
  for (const [index, { comparison, samples }] of compared.entries()) {
    const folder = compared.length === 1 ? report : join(report, `${index + 1}`);
    const paths = await writeComparison(comparison, folder, formats, samples);
    for (const path of paths) (json ? note : print)(io, `wrote ${printable(path)}`);
  }
}

/** One comparison, or a list of several. */
function jsonOf(comparisons: readonly Comparison[]): string {
  const texts = comparisons.map((one) => comparisonJson(one).trimEnd());
  return texts.length === 1 ? texts[0] : `[\n${texts.join(",\n")}\n]`;
}

/** The worst of several: a regression, then an inconclusive one. */
function exitCodeFor(comparisons: readonly Comparison[]): ExitCode {
  const outcomes = comparisons.map(({ outcome }) => outcome);
  if (outcomes.includes("regressed")) return EXIT.regressed;
  return outcomes.includes("inconclusive") ? EXIT.inconclusive : EXIT.fine;
}
