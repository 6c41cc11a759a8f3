import type { Results } from "../record/case-row.ts";
import type { Learned } from "../record/learned.ts";
import { defaultTitle } from "./default-title.ts";
import { drawCharts, undrawn } from "./drawings.ts";
import type { Format } from "./formats.ts";
import { isLearnedOnly } from "./learning/learned-only.ts";
import type { PictureLook } from "./looks/picture-look.ts";
import { overviewLead, overviewTitle } from "./overview/lead.ts";
import type { Overview } from "./overview/overview.ts";
import { overviewMarkdown } from "./overview/summary.ts";
import { renderPage } from "./page/page.ts";
import { renderPng } from "./png.ts";
import type { ReportedResults } from "./reported-results.ts";
import { type SummaryPart, summaryMarkdown } from "./summary-markdown.ts";
import { renderSvg } from "./svg.ts";
import { rankingTex } from "./tables/ranking-tex.ts";

/** Tables of one results file as CSV: one row a case, and one a run of what was learned. */
export interface CsvTables {
  readonly cases: (results: Results) => string;
  readonly learned: (learned: Learned) => string;
}

/** What a report is written as. */
export interface ReportFilesSettings {
  readonly formats: ReadonlySet<Format>;
  readonly title?: string | undefined;
  readonly tables: CsvTables;
  /** How charts look as files of their own: as on the page, if omitted. */
  readonly look?: PictureLook | undefined;
  /** Of the collection that the results are facets of; omitted if they are of none. */
  readonly overview?: Overview | undefined;
}

/**
 * The files of a report by name: charts and tables first and the page last, so that none is linked to before
 * it exists.
 */
export async function reportFiles(
  results: readonly ReportedResults[],
  { formats, tables, look = "page", overview, ...settings }: ReportFilesSettings,
): Promise<ReadonlyMap<string, string | Uint8Array>> {
  const contents = new Map<string, string | Uint8Array>();
  const parts: SummaryPart[] = [];
  const drawnResults = [];
  const draws = (["html", "svg", "png", "vega"] as const).some((format) => formats.has(format));
  for (const [index, one] of results.entries()) {
    const named = (id: string) => (results.length === 1 ? id : `${id}-${index + 1}`);
    const file = draws ? await drawCharts(one) : undrawn(one);
    drawnResults.push(file);
    const charts = [];
    for (const { chart, drawn } of file.drawings) {
      if (drawn === null) continue;
      const name = named(chart.id);
      if (formats.has("svg") || formats.has("png")) {
        const svg = look === "page" ? drawn.svg : await renderSvg(drawn.spec, () => {}, look);
        if (formats.has("svg")) contents.set(`${name}.svg`, svg);
        if (formats.has("png")) contents.set(`${name}.png`, await renderPng(svg, look));
      }
      if (formats.has("vega")) contents.set(`${name}.vl.json`, `${JSON.stringify(drawn.spec, null, 2)}\n`);
      const picture = (["svg", "png"] as const).find((format) => formats.has(format));
      if (picture !== undefined)
        charts.push({ id: chart.id, title: chart.title, file: `${name}.${picture}` });
    }
    const tex = formats.has("tex") ? rankingTex(one) : "";
    if (tex !== "") contents.set(`${named("ranking")}.tex`, tex);
    if (formats.has("csv")) {
      if (!isLearnedOnly(one)) contents.set(`${named("cases")}.csv`, tables.cases(one));
      if (one.learned !== undefined) contents.set(`${named("learned")}.csv`, tables.learned(one.learned));
    }
    parts.push({ results: one, charts });
  }
  const title = settings.title ?? (overview === undefined ? defaultTitle(results) : overviewTitle(overview));
  const page = formats.has("html") ? "index.html" : null;
  if (formats.has("md")) {
    const lead = overview && overviewMarkdown(overview, null);
    contents.set("summary.md", summaryMarkdown(parts, title, page, lead));
  }
  if (page !== null) {
    const lead = overview && (await overviewLead(overview, null, results[0]?.traits));
    contents.set(page, renderPage(drawnResults, title, lead));
  }
  return contents;
}
