import { lstatSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { COMPARED } from "./charts/compared.ts";
import type { ReportedResults } from "./reported-results.ts";
import { allCharts } from "./topics/index.ts";

/**
 * The files in a folder that an earlier report on other results wrote and that the one now in `contents` will
 * not replace, by name. Empty if the folder holds a report on the same results, to which formats are added,
 * or none of our files. A file that merely has such a name is not ours.
 */
export function leftovers(
  folder: string,
  contents: ReadonlyMap<string, string | Uint8Array>,
  results: readonly ReportedResults[],
): readonly string[] {
  const ours = namesIn(folder).filter((name) => isOurs(name, read(folder, name)));
  if (!ours.some((name) => !name.endsWith(".png")) || !isOfOthers(folder, ours, contents, results)) return [];
  return ours.filter((name) => !contents.has(name));
}

/** Removes them. */
export function removeLeftovers(folder: string, names: readonly string[]): void {
  for (const name of names) rmSync(join(folder, name), { force: true });
}

/** What a report may consist of: with several files, charts and tables are numbered. */
const ids = [...new Set(allCharts.map(({ id }) => id)), ...COMPARED];
const drawn = new RegExp(`^(?:${ids.join("|")})(?:-\\d+)?\\.(?:svg|png|vl\\.json)$`);
const written = /^(?:index\.html|summary\.md|(?:cases|learned)(?:-\d+)?\.csv|ranking(?:-\d+)?\.tex)$/;

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => drawn.test(name) || written.test(name));
  } catch {
    return []; // not there yet
  }
}

/** Empty if it is no file, or cannot be read. */
function read(folder: string, name: string): Buffer {
  const path = join(folder, name);
  try {
    return lstatSync(path).isFile() ? readFileSync(path) : Buffer.alloc(0);
  } catch {
    return Buffer.alloc(0);
  }
}

/** Whether a file holds what a report writes under such a name. */
function isOurs(name: string, bytes: Buffer): boolean {
  const start = bytes.toString("latin1", 0, 400);
  if (name.endsWith(".svg")) return /^<svg [^>]*class="marks"/.test(start);
  if (name.endsWith(".png")) return start.startsWith("\x89PNG");
  if (name.endsWith(".vl.json"))
    return start.includes('"$schema": "https://vega.github.io/schema/vega-lite/');
  if (name.endsWith(".tex")) return /^% .*\n\\begin\{tabular\}/.test(start);
  if (name.endsWith(".csv"))
    return /^(?:variant,kernel,length,batch|task,variant,params,measure),/.test(start);
  return startsIn(bytes).length > 0;
}

/** When the runs that a page or a summary reports began. */
function startsIn(bytes: Buffer): readonly string[] {
  const told = bytes.toString("utf8").matchAll(/(?:^- started: |<dt>started<\/dt><dd>)([^<\n]+)/gm);
  return [...told].map(([, started]) => started);
}

/**
 * Whether the report in the folder is on other results. If neither page nor summary says, one changed file
 * decides.
 */
function isOfOthers(
  folder: string,
  ours: readonly string[],
  contents: ReadonlyMap<string, string | Uint8Array>,
  results: readonly ReportedResults[],
): boolean {
  const telling = ours.find((name) => name === "index.html" || name === "summary.md");
  if (telling !== undefined) {
    const starts = startsIn(read(folder, telling));
    return starts.join() !== results.map(({ run }) => run.started).join();
  }
  return ours.some((name) => {
    const now = contents.get(name);
    return now !== undefined && !read(folder, name).equals(typeof now === "string" ? Buffer.from(now) : now);
  });
}
