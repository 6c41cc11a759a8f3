import { type Html, html } from "../../text/html.ts";
import { utf8Bytes } from "../../text/utf8-bytes.ts";
import { defaultTitle } from "../default-title.ts";
import type { Drawing, DrawnResults } from "../drawings.ts";
import { pageDocument } from "./document.ts";
import { figureStyle, liveSize } from "./figure.ts";
import { dataSize } from "./policy.ts";
import { figureId, fileName, section } from "./section.ts";
import { pageStyle } from "./style.ts";

/** The scripts of a page, as text. */
export interface PageScripts {
  /** The page's own. */
  readonly own: string;
  /** The global `vega`, which live charts need. */
  readonly vega: string;
}

/** What a page says of all its results together, before each, with the style that it needs. */
export interface Lead {
  readonly content: Html;
  readonly style: string;
}

/** Bytes that a page may have: with more, it does not open at once. */
const PAGE_LIMIT = 2_500_000;

/**
 * The report as one HTML page that needs nothing else: its policy allows its own scripts, named by their
 * hashes, and no request. One section per results file. All of it can be read without a script, which adds
 * choice: which file, variants and lengths to see, and the order of the table. Every string from a results
 * file is data in it.
 */
export function reportPage(
  files: readonly DrawnResults[],
  scripts: PageScripts,
  title?: string,
  lead?: Lead,
): string {
  const styles = files.flatMap(({ drawings }, index) =>
    drawings.map((drawing) => figureStyle(drawing, figureId(fileId(index), drawing))),
  );
  return withScripts(files, scripts, {
    title: title ?? titleOf(files),
    style: pageStyle() + (lead?.style ?? "") + styles.join(""),
    lead: lead?.content,
  });
}

/** A page that says something of all results together alone, and runs no script. */
export function plainPage(title: string, { content, style }: Lead): string {
  return layout([], { title, style: pageStyle() + style, lead: content }, new Set(), []);
}

/**
 * The same for a frame of another page, whose policy holds in it as well and knows no style but that of all reports, and
 * no scripts but these; without scripts, if null.
 */
export function framedPage(files: readonly DrawnResults[], scripts: PageScripts | null): string {
  const looks = { title: titleOf(files), style: pageStyle() };
  return scripts === null ? layout(files, looks, new Set(), []) : withScripts(files, scripts, looks);
}

function titleOf(files: readonly DrawnResults[]): string {
  return defaultTitle(files.map(({ results }) => results));
}

/** What is the same with any scripts. */
interface Looks {
  readonly title: string;
  readonly style: string;
  /** Before all files. */
  readonly lead?: Html | undefined;
}

/** With as many live charts as have room. */
function withScripts(files: readonly DrawnResults[], { own, vega }: PageScripts, looks: Looks): string {
  const still = layout(files, looks, new Set(), [own]);
  const live = fitting(files, PAGE_LIMIT - utf8Bytes(still) - utf8Bytes(vega) - SLACK);
  return layout(files, looks, live, live.size === 0 ? [own] : [vega, own]);
}

/** Bytes for what accompanies a live chart: controls, hashes. */
const SLACK = 20_000;

/** The first charts that have room in the page; the first of a results file brings its cases. */
function fitting(files: readonly DrawnResults[], room: number): ReadonlySet<Drawing> {
  const live = new Set<Drawing>();
  let left = room;
  for (const { drawings, cases } of files) {
    let shared = dataSize(cases);
    for (const drawing of drawings) {
      const size = liveSize(drawing) + shared;
      if (drawing.drawn === null || size > left) continue;
      live.add(drawing);
      left -= size;
      shared = 0;
    }
  }
  return live;
}

function layout(
  files: readonly DrawnResults[],
  { title, lead, style }: Looks,
  live: ReadonlySet<Drawing>,
  scripts: readonly string[],
): string {
  const shown = lead === undefined ? "results file" : "facet";
  const several = files.length > 1;
  const sections = files.map((file, index) => section(file, fileId(index), live));
  return pageDocument({
    title,
    style,
    contents: several ? contents(files, shown) : "",
    before: html`${several && lead === undefined ? fileControl(files, shown) : ""}\n`,
    content: html`${lead === undefined ? "" : html`${lead}${several ? fileControl(files, shown) : ""}`}${sections}`,
    scripts,
  });
}

function fileId(index: number): string {
  return `file-${index + 1}`;
}

function contents(files: readonly DrawnResults[], shown: string): Html {
  return html`<nav aria-label="${shown}s"><ol>${files.map(
    ({ results }, index) => html`<li><a href="#${fileId(index)}">${fileName(results)}</a></li>`,
  )}</ol></nav>`;
}

/** Replaces the list when a script runs. */
function fileControl(files: readonly DrawnResults[], shown: string): Html {
  return html`<label class="choice file" hidden>${shown} <select name="file" autocomplete="off">${files.map(
    ({ results }, index) => html`<option value="${fileId(index)}">${fileName(results)}</option>`,
  )}<option value="">all, one after another</option></select></label>`;
}
