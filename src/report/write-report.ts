import { writeFolder } from "../files/write-folder.ts";
import { leftovers, removeLeftovers } from "./earlier-report.ts";
import { DEFAULT_FORMATS, type Format } from "./formats.ts";
import type { PictureLook } from "./looks/picture-look.ts";
import type { Overview } from "./overview/overview.ts";
import { type CsvTables, reportFiles } from "./report-files.ts";
import type { ReportedResults } from "./reported-results.ts";

export interface ReportSettings {
  readonly formats?: readonly Format[] | undefined;
  readonly title?: string | undefined;
  /** How charts look as files of their own: as on the page, if omitted. */
  readonly look?: PictureLook | undefined;
  /** The tables of one results file; only `csv` needs them. */
  readonly tables?: CsvTables;
  /** Of the collection that the results are facets of; omitted if they are of none. */
  readonly overview?: Overview | undefined;
  /** Told which files of an earlier report were removed, if any. */
  readonly removed?: (names: readonly string[]) => void;
}

/**
 * Writes the report on one or more results files into a folder, which is created if missing: the page
 * `index.html`, the summary `summary.md`, each chart as `<id>.svg`, `<id>.png` and, as Vega-Lite with its
 * data, `<id>.vl.json`, `cases.csv` and `learned.csv`, and `ranking.tex`, as far as the formats ask for them. If there are several files,
 * charts and tables are numbered, `<id>-1.svg` being that of the first. What an earlier report on other
 * results left in the folder is removed. The same results give the same bytes. Returns the paths, the page or
 * the summary first. If one cannot be written, no new file is left behind.
 */
export async function writeReport(
  results: readonly ReportedResults[],
  folder: string,
  { formats = DEFAULT_FORMATS, tables = noCsv, removed = () => {}, ...settings }: ReportSettings = {},
): Promise<readonly string[]> {
  const contents = await reportFiles(results, { ...settings, formats: new Set(formats), tables });
  const old = leftovers(folder, contents, results);
  const paths = writeFolder(folder, contents).toSorted((a, b) => rank(a) - rank(b));
  removeLeftovers(folder, old);
  if (old.length > 0) removed(old);
  return paths;
}

function rank(path: string): number {
  return path.endsWith(".html") ? 0 : path.endsWith(".md") ? 1 : 2;
}

const noCsv: CsvTables = { cases: refuseCsv, learned: refuseCsv };

function refuseCsv(): never {
  throw new TypeError("writeReport: csv must come with tables, got none");
}
