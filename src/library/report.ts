import { basename } from "node:path";
import { comparisonOf } from "../compare/compare-results.ts";
import { FailureError, printable, UsageError, unknownName } from "../core/errors.ts";
import { isStandardInput } from "../files/read-whole.ts";
import type { Results } from "../record/case-row.ts";
import { casesCsv } from "../record/csv.ts";
import { learnedCsv } from "../record/learned-csv.ts";
import { DEFAULT_FORMATS, FORMATS, type Format, isFormat } from "../report/formats.ts";
import { isLearnedOnly } from "../report/learning/learned-only.ts";
import { isLook, LOOKS, type PictureLook } from "../report/looks/picture-look.ts";
import { type CsvTables, reportFiles } from "../report/report-files.ts";
import type { ReportedResults } from "../report/reported-results.ts";
import { labeller } from "../text/labels.ts";
import { type AsTyped, inWords } from "./as-typed.ts";
import type { ReadRun } from "./results.ts";
import { withSketches } from "./sketches.ts";
import { withTableOne } from "./table-one.ts";
import { withTwins } from "./twins.ts";

/** The options of `report`. */
export interface ReportOptions {
  readonly title?: string | undefined;
  /** Such as `["html", "png"]`; all text formats except CSV, if omitted. */
  readonly formats?: Format | readonly Format[] | undefined;
  /** How charts look as files of their own: `page`, if omitted. */
  readonly look?: PictureLook | undefined;
}

/** The files of a report on one or more results, by name: text, or the bytes of a picture. */
export async function filesOfReport(
  results: readonly ReadRun[],
  { title, formats, look }: AsTyped<ReportOptions>,
): Promise<ReadonlyMap<string, string | Uint8Array>> {
  const chosen = formatsOf(formats);
  refuseCollectionFormats(chosen);
  const files = await reportFiles(withComparisons(reported(results)), {
    formats: new Set(chosen),
    title,
    tables: csvTables,
    look: lookOf(look, chosen),
  });
  if (files.size === 0) throw nothingDrawn();
  return files;
}

/** The tables of a results file as CSV. */
export const csvTables: CsvTables = { cases: casesCsv, learned: learnedCsv };

/** Results as a report names and draws them. */
export function reported(results: readonly ReadRun[]): readonly (ReadRun & ReportedResults)[] {
  const label = labeller();
  return results.map((one) => ({
    ...withKnown({ ...one, name: label([captionOf(one.name)]) }),
    ...(!isStandardInput(one.name) && { file: basename(one.name) }),
  }));
}

/** With what is known here of variants: their patterns, rows of Table 1, and what computes the same. */
export function withKnown<R extends Results>(results: R): R {
  return withTwins(withTableOne(withSketches(results)));
}

/**
 * Each but the first compared with it, with the verdicts that `compare` gives; two environments are reported,
 * not refused. What was learned is not compared.
 */
export function withComparisons(results: readonly ReportedResults[]): readonly ReportedResults[] {
  const [base] = results;
  return results.map((one) =>
    one === base || isLearnedOnly(one) || isLearnedOnly(base)
      ? one
      : { ...one, comparison: comparisonOf(base, one) },
  );
}

/** A report's name for a file: without leading dots, which would lead out of the folder of reports. */
export function captionOf(file: string): string {
  if (isStandardInput(file)) return "stdin";
  return (
    basename(file)
      .replace(/\.jsonl(\.gz)?$/, "")
      .replace(/^\.+/, "") || "results"
  );
}

/** The formats that a list such as `html,png` names, each once. */
export function formatsOf(asked: string | readonly string[] | undefined): readonly Format[] {
  const text = inWords("--format", asked);
  if (text === undefined) return DEFAULT_FORMATS;
  const named = text.split(",").map((name) => name.trim());
  return [...new Set(named)].map((name) => {
    if (name === "") {
      throw new UsageError(
        `--format: must be formats separated by commas, got '${printable(text)}'; known are ${FORMATS.join(", ")}`,
      );
    }
    if (!isFormat(name)) throw unknownName("format", name, FORMATS);
    return name;
  });
}

/** Refuses what is of collections alone. */
export function refuseCollectionFormats(formats: readonly Format[]): void {
  if (!formats.includes("json")) return;
  throw new UsageError(
    "--format: must be one of results files, got json, which is of a collection of a sweep; omit it, or give a collection",
  );
}

/** The look of charts as files of their own; refused if none is written. */
export function lookOf(asked: string | undefined, formats: readonly Format[]): PictureLook {
  const name = inWords("--look", asked);
  if (name === undefined) return "page";
  if (!isLook(name)) throw unknownName("look", name, LOOKS);
  if (!formats.includes("svg") && !formats.includes("png")) {
    throw new UsageError(`--look: must have pictures, got --format ${formats.join(",")}; add svg or png`);
  }
  return name;
}

/** The error when only charts were requested and there are none. */
export function nothingDrawn(): FailureError {
  return new FailureError("report: must have a chart to write, got none; ask for --format html, md or csv");
}
