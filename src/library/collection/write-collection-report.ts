import { existsSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { isStandardInput } from "../../files/read-whole.ts";
import { refuseUnwritableFolder, writeFolder } from "../../files/write-folder.ts";
import { leftovers, removeLeftovers } from "../../report/earlier-report.ts";
import { DEFAULT_FORMATS, type Format } from "../../report/formats.ts";
import type { PictureLook } from "../../report/looks/picture-look.ts";
import type { FacetAccess } from "../../report/overview/facet-list.ts";
import { overviewPage, overviewSummary } from "../../report/overview/files.ts";
import type { Overview } from "../../report/overview/overview.ts";
import type { ReportedResults } from "../../report/reported-results.ts";
import { writeReport } from "../../report/write-report.ts";
import { captionOf, csvTables, withKnown } from "../report.ts";
import { builtInTraits } from "../traits.ts";
import { fitsOnePage, pagesOf, refuseTooMuch } from "./choose-pages.ts";
import type { Collection } from "./collection.ts";
import { type FacetFilter, facetFilter } from "./facet-filter.ts";
import { facetCommand, facetFolders, filterFolder } from "./facet-folders.ts";
import { resultsOfFacet } from "./facet-results.ts";
import { facetsCsv, linesCsv, overviewJson } from "./overview-tables.ts";
import { refuseStream } from "./shards-again.ts";
import { subOverview } from "./sub-overview.ts";

/** How a collection is reported. */
export interface CollectionReportSettings {
  /** The folder; under `reports/` by the collection's name, if omitted. */
  readonly out?: string | undefined;
  readonly title?: string | undefined;
  /** As asked for; each kind of report has its own if omitted. */
  readonly formats?: readonly Format[] | undefined;
  readonly look: PictureLook;
  /** What `--facet` asks for. */
  readonly facet?: string | undefined;
  /** Told what goes on, a line each. */
  readonly tell: (line: string) => void;
}

/** Formats of an overview, and of pages of facets that nobody asked for, unless formats are chosen. */
const OVERVIEW_FORMATS: readonly Format[] = ["html", "md", "csv", "json"];
const FACET_FORMATS: readonly Format[] = ["html", "md"];

/**
 * Writes the report of a collection: one page with a section a facet if that opens at once, otherwise an overview, and pages
 * of its facets if they are few; or what a filter asks for. Returns the paths, the page or the summary first.
 */
export async function writeCollectionReport(
  collection: Collection,
  settings: CollectionReportSettings,
): Promise<readonly string[]> {
  const { overview } = collection;
  const home = settings.out ?? join("reports", captionOf(collection.path));
  if (settings.facet !== undefined) {
    const filter = facetFilter(settings.facet, overview);
    refuseTooMuch(overview, filter);
    const folder = settings.out ?? join(home, folderOf(settings.facet, filter, overview));
    return onePage(collection, filter, folder, settings);
  }
  const all = { facets: overview.facets.map((_, index) => index), isAsked: null };
  if (fitsOnePage(overview, all.facets)) return onePage(collection, all, home, settings);
  refuseStream(collection.path);
  return overviewWithPages(collection, home, settings);
}

/** That of a facet, where its report is looked for; another filter has its own. */
function folderOf(text: string, { facets, isAsked }: FacetFilter, overview: Overview): string {
  return facets.length === 1 && isAsked === null ? facetFolders(overview)[facets[0]] : filterFolder(text);
}

/** One page, with an overview before the facets if there are several. */
async function onePage(
  collection: Collection,
  filter: FacetFilter,
  folder: string,
  { title, look, formats = DEFAULT_FORMATS, tell }: CollectionReportSettings,
): Promise<readonly string[]> {
  refuseUnwritableFolder(folder);
  const results: ReportedResults[] = [];
  for (const index of filter.facets) results.push(await reportedFacet(collection, index, filter.isAsked));
  const about = await subOverview(collection, filter);
  const overview = results.length === 1 ? undefined : about;
  const removed = (names: readonly string[]) =>
    tell(`removed ${names.length} files of an earlier report in ${folder}`);
  const page = formats.includes("html") ? "index.html" : null;
  // All facets are on the page, which nothing else writes.
  const access = about.facets.map((): FacetAccess => ({ page, command: "" }));
  // The page is returned first, which the tables are beside.
  const written = await writeReport(results, folder, {
    formats,
    title,
    look,
    tables: csvTables,
    overview,
    removed,
  });
  return [...written, ...writeFolder(folder, overviewTables(about, access, new Set(formats)))];
}

async function reportedFacet(
  collection: Collection,
  index: number,
  isAsked: FacetFilter["isAsked"],
): Promise<ReportedResults> {
  const { path } = collection;
  const results = withKnown(await resultsOfFacet(collection, index, isAsked));
  return { ...results, ...(!isStandardInput(path) && { file: basename(path) }) };
}

/** An overview, and pages of its facets if they are few. */
async function overviewWithPages(
  collection: Collection,
  home: string,
  { out, title, look, formats, tell }: CollectionReportSettings,
): Promise<readonly string[]> {
  const { overview, path } = collection;
  refuseUnwritableFolder(home);
  const folders = facetFolders(overview);
  const pages = pagesOf(overview);
  for (const index of pages) {
    const folder = join(home, folders[index]);
    tell(`writing ${folder}`);
    await writeReport([await reportedFacet(collection, index, null)], folder, {
      formats: formats?.filter((format) => format !== "json") ?? FACET_FORMATS,
      title: title === undefined ? undefined : `${title}: ${overview.facets[index].name}`,
      look,
      tables: csvTables,
    });
  }
  const access = overview.facets.map((facet, index): FacetAccess => {
    const page = `${folders[index]}/index.html`;
    return {
      page: isFresh(join(home, page), path) ? page : null,
      command: facetCommand(path, facet, out === undefined ? null : join(out, folders[index])),
    };
  });
  const contents = await overviewContents(overview, access, new Set(formats ?? OVERVIEW_FORMATS), title);
  const old = leftovers(home, contents, []);
  const written = writeFolder(home, contents);
  removeLeftovers(home, old);
  return written;
}

/** The page or the summary first. */
async function overviewContents(
  overview: Overview,
  access: readonly FacetAccess[],
  formats: ReadonlySet<Format>,
  title: string | undefined,
): Promise<ReadonlyMap<string, string>> {
  const contents = new Map<string, string>();
  const page = formats.has("html") ? "index.html" : null;
  if (page !== null) contents.set(page, await overviewPage(overview, access, builtInTraits(), title));
  if (formats.has("md")) contents.set("summary.md", overviewSummary(overview, access, page, title));
  return new Map([...contents, ...overviewTables(overview, access, formats)]);
}

/** For programs and spreadsheets. */
function overviewTables(
  overview: Overview,
  access: readonly FacetAccess[],
  formats: ReadonlySet<Format>,
): ReadonlyMap<string, string> {
  const contents = new Map<string, string>();
  if (formats.has("csv")) {
    contents.set("overview.csv", linesCsv(overview));
    contents.set("facets.csv", facetsCsv(overview, access));
  }
  if (formats.has("json")) contents.set("overview.json", overviewJson(overview, access));
  return contents;
}

/** Whether a page is there that was written since the collection was. */
function isFresh(page: string, collection: string): boolean {
  return existsSync(page) && statSync(page).mtimeMs >= statSync(collection).mtimeMs;
}
