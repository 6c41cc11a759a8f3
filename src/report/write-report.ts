import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { FailureError, printable } from "../core/errors.ts";
import { makeFolder } from "../files/make-folder.ts";
import { replaceFile, whyNotWritten } from "../files/replace-file.ts";
import type { Results } from "../record/case-row.ts";
import { type DrawnResults, drawCharts } from "./drawings.ts";
import { renderPage } from "./page.ts";

/**
 * Writes the report on one or more results files into a folder, which is made where it is missing: `index.html`, and
 * each chart as `<id>.svg` and as Vega-Lite with its data, `<id>.vl.json`. Of several files the charts are numbered,
 * `<id>-1.svg` being that of the first. The same results give the same bytes. Returns the paths, the page first. Where
 * one cannot be written, none that was not there before is left.
 */
export async function writeReport(
  results: readonly Results[],
  folder: string,
  title?: string,
): Promise<readonly string[]> {
  const files: DrawnResults[] = [];
  for (const one of results) files.push(await drawCharts(one));
  const contents = new Map<string, string>();
  for (const [index, { drawings }] of files.entries()) {
    const suffix = files.length === 1 ? "" : `-${index + 1}`;
    for (const { chart, drawn } of drawings) {
      if (drawn === null) continue;
      contents.set(`${chart.id}${suffix}.svg`, drawn.svg);
      contents.set(`${chart.id}${suffix}.vl.json`, `${JSON.stringify(drawn.spec, null, 2)}\n`);
    }
  }
  // Last, so that a page never stands without its charts.
  contents.set("index.html", renderPage(files, title));
  try {
    makeFolder(folder);
  } catch (thrown) {
    throw new FailureError(`${printable(folder)}: cannot be made, ${whyNotWritten(thrown)}`);
  }
  const paths = new Map([...contents].map(([name, content]) => [join(folder, name), content]));
  writeAll(paths);
  return [...paths.keys()].sort((a, b) => Number(isPage(b)) - Number(isPage(a)));
}

function isPage(path: string): boolean {
  return path.endsWith(".html");
}

/** Writes the files in their order; on failure those that were not there before are removed. */
function writeAll(contents: ReadonlyMap<string, string>): void {
  const created: string[] = [];
  try {
    for (const [path, content] of contents) {
      const isNew = !existsSync(path);
      replaceFile(path, content);
      if (isNew) created.push(path);
    }
  } catch (thrown) {
    for (const path of created) rmSync(path, { force: true });
    throw thrown;
  }
}
