import { Html, html } from "../../text/html.ts";
import type { Drawing, DrawnResults } from "../drawings.ts";
import { figureStyle, liveSize } from "./figure.ts";
import { contentPolicy, dataSize, inlineScript, inlineStyle } from "./policy.ts";
import { ownScript, vegaScript } from "./script.ts";
import { figureId, fileName, section } from "./section.ts";
import { pageStyle } from "./style.ts";

/** Bytes that a page may have: with more, it does not open at once. */
const PAGE_LIMIT = 2_500_000;

/**
 * The report as one HTML page that needs nothing else: its policy allows its own scripts, named by their
 * hashes, and no request. One section per results file. All of it can be read without a script, which adds
 * choice: which file, variants and lengths to see, and the order of the table. Every string from a results
 * file is data in it.
 */
export function renderPage(files: readonly DrawnResults[], title = "Attention benchmark"): string {
  const vega = vegaScript();
  const still = layout(files, title, new Set(), []);
  const room = PAGE_LIMIT - Buffer.byteLength(still) - Buffer.byteLength(vega) - SLACK;
  const live = fitting(files, room);
  return layout(files, title, live, live.size === 0 ? [] : [vega]);
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
  title: string,
  live: ReadonlySet<Drawing>,
  libraries: readonly string[],
): string {
  const styles = files.flatMap(({ drawings }, index) =>
    drawings.map((drawing) => figureStyle(drawing, figureId(fileId(index), drawing))),
  );
  const style = inlineStyle(pageStyle() + styles.join(""));
  const scripts = [...libraries, ownScript()].map(inlineScript);
  const page = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Html(contentPolicy(scripts, [style]))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
${style.element}
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header><h1>${title}</h1>${files.length > 1 ? contents(files) : ""}</header>
${files.length > 1 ? fileControl(files) : ""}
<main id="content" tabindex="-1">
${files.map((file, index) => section(file, fileId(index), live))}
</main>
${scripts.map(({ element }) => html`${element}\n`)}</body>
</html>
`;
  return page.text;
}

function fileId(index: number): string {
  return `file-${index + 1}`;
}

function contents(files: readonly DrawnResults[]): Html {
  return html`<nav aria-label="results files"><ol>${files.map(
    ({ results }, index) => html`<li><a href="#${fileId(index)}">${fileName(results)}</a></li>`,
  )}</ol></nav>`;
}

/** Replaces the list when a script runs. */
function fileControl(files: readonly DrawnResults[]): Html {
  return html`<label class="choice file" hidden>results file <select name="file" autocomplete="off">${files.map(
    ({ results }, index) => html`<option value="${fileId(index)}">${fileName(results)}</option>`,
  )}<option value="">all, one after another</option></select></label>`;
}
