import { join } from "node:path";
import { printable, UsageError } from "../core/errors.ts";
import { refuseTwice, shownName } from "../files/read-whole.ts";
import { refusePageName, refuseUnwritableFolder } from "../files/write-folder.ts";
import { type ReportSource, readReportSource } from "../library/collection/report-source.ts";
import {
  captionOf,
  csvTables,
  formatsOf,
  lookOf,
  nothingDrawn,
  refuseCollectionFormats,
  reported,
  withComparisons,
} from "../library/report.ts";
import type { ReadRun } from "../library/results.ts";
import type { ReportedResults } from "../report/reported-results.ts";
import { warningsOf } from "../report/warnings.ts";
import { writeReport } from "../report/write-report.ts";
import { EXIT, type ExitCode, type Io, note, print } from "./io.ts";
import { openPage } from "./open-page.ts";
import { reportCollection } from "./report-collection.ts";
import { shardCount } from "./shard-count.ts";

export interface ReportOptions {
  readonly files: readonly string[];
  /** The folder to write to; `reports/` and the name of the first file if omitted. */
  readonly out: string | undefined;
  readonly title?: string | undefined;
  /** Formats separated by commas. */
  readonly formats?: string | undefined;
  /** How charts look as files of their own. */
  readonly look?: string | undefined;
  /** Which facets of a collection: their name, or conditions that they meet. */
  readonly facet?: string | undefined;
  /** Whether to open the page when it is written. */
  readonly open?: boolean;
}

/** Makes a report of results files, or of a collection: a page with charts, pictures, a summary, tables. */
export async function report(options: ReportOptions, io: Io): Promise<ExitCode> {
  const { files, out, title, open = false } = options;
  const formats = formatsOf(options.formats);
  const look = lookOf(options.look, formats);
  if (open && !formats.includes("html")) {
    throw new UsageError(
      `--open: must have a page to open, got --format ${formats.join(",")}; add html or omit --open`,
    );
  }
  if (files.length === 0)
    throw new UsageError("report: a results file must be named; see attnbench report --help");
  refuseTwice("report", files);
  refusePageName("--out", out);
  const sources = await readSources(files, io);
  const [{ collection }] = sources;
  if (collection !== null) {
    const asked = options.formats === undefined ? undefined : formats;
    return reportCollection(collection, { ...options, open, look, formats: asked }, io);
  }
  if (options.facet !== undefined) {
    throw new UsageError("--facet: must be of a collection of a sweep, got results of one run; omit --facet");
  }
  refuseCollectionFormats(formats);
  const read: readonly ReadRun[] = sources.flatMap(({ runs }) => runs);
  const results = reported(read);
  for (const [index, one] of results.entries()) {
    if (one.truncated)
      note(io, `${printable(shownName(read[index].name))}: its last line was cut off and is ignored`);
    if (results.length > 1)
      for (const warning of warningsOf(one)) note(io, `warning: ${printable(one.name)}: ${warning}`);
  }
  const folder = out ?? folderOf(results.map(({ name }) => name));
  refuseUnwritableFolder(folder);
  if (formats.includes("png") && hasBoxes(results)) {
    note(io, "warning: the PNG font lacks Chinese, Japanese and Korean, drawn as boxes there; SVG has them");
  }
  const [first, ...others] = await writeReport(withComparisons(results), folder, {
    formats,
    title,
    look,
    tables: csvTables,
    removed: (names) => {
      note(io, `removed what an earlier report left in ${printable(folder)}: ${counted(names.length)}`);
    },
  });
  if (first === undefined) throw nothingDrawn();
  const beside = others.length === 0 ? "" : ` and ${counted(others.length)} beside it`;
  print(io, `wrote ${printable(first)}${beside}`);
  if (open) await openPage(first);
  return EXIT.fine;
}

/** Reads the files; a collection is reported by itself. */
async function readSources(files: readonly string[], io: Io): Promise<readonly ReportSource[]> {
  const sources: ReportSource[] = [];
  for (const file of files) {
    const count = shardCount(io, file);
    const source = await readReportSource(file, count.show);
    count.end();
    if (source.collection !== null && files.length > 1) {
      throw new UsageError(
        `report: a collection must be reported by itself, got ${printable(shownName(file))} among ${files.length} files; name it alone`,
      );
    }
    sources.push(source);
  }
  return sources;
}

/** Refuses, before any work, a results file whose report could not be written where it would be. */
export function refuseUnwritableReport(file: string): void {
  refuseUnwritableFolder(folderOf([captionOf(file)]));
}

function folderOf(names: readonly string[]): string {
  return join("reports", names.join("+").slice(0, 100));
}

/** Whether charts name something in a script that the PNG font lacks. */
function hasBoxes(results: readonly ReportedResults[]): boolean {
  const names = results.flatMap(({ rows }) => rows.map(({ variant, kernel }) => variant + kernel));
  return /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]/u.test(names.join());
}

function counted(files: number): string {
  return files === 1 ? "1 file" : `${files} files`;
}
