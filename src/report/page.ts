import { BASELINE } from "../core/baseline.ts";
import { printable } from "../core/errors.ts";
import type { DrawnResults } from "./drawings.ts";
import { findings } from "./findings.ts";
import { escaped, Html, html } from "./html.ts";
import { pageStyle } from "./page-style.ts";
import { caseTable, growthTable, overviewTable } from "./page-tables.ts";
import { provenance } from "./provenance.ts";
import { seriesOf, sharedSetting } from "./series.ts";
import { warningsOf } from "./warnings.ts";

/**
 * The report as one HTML page that needs nothing else: no script, no request, its policy forbids both. A section a
 * results file. Every string of a results file is data in it.
 */
export function renderPage(files: readonly DrawnResults[], title = "Attention benchmark"): string {
  const page = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Html(pageStyle())}</style>
</head>
<body>
<header><h1>${title}</h1>${files.length > 1 ? contents(files) : ""}</header>
<main>
${files.map((file, index) => section(file, index + 1))}
</main>
</body>
</html>
`;
  return page.text;
}

function contents(files: readonly DrawnResults[]): Html {
  return html`<nav aria-label="results files"><ol>${files.map(
    ({ results }, index) => html`<li><a href="#file-${index + 1}">${fileName(results)}</a></li>`,
  )}</ol></nav>`;
}

function section({ results, drawings }: DrawnResults, number: number): Html {
  const { rows, run } = results;
  const series = seriesOf(rows);
  const warnings = warningsOf(results);
  const about = [
    run.environment.cpu,
    `Node ${run.environment.node.replace(/^v/, "")}`,
    sharedSetting(rows),
    run.started,
  ];
  return html`<section id="file-${number}" aria-labelledby="file-${number}-name">
<h2 id="file-${number}-name">${fileName(results)}</h2>
<p class="about">${about.filter((part) => part !== "").join(" · ")}</p>
<ul class="findings">${findings(results).map((finding) => html`<li>${finding}</li>`)}</ul>
${warnings.length === 0 ? "" : html`<h3>Warnings</h3><ul class="warnings">${warnings.map((warning) => html`<li>${warning}</li>`)}</ul>`}
<h3>Charts</h3>
${drawings.every(({ drawn }) => drawn === null) ? nothingDrawn : drawings.map(figure)}
${series.length === 0 ? "" : tables(series)}
<h3>Where the numbers come from</h3>
${provenance(results)}
</section>
`;
}

const nothingDrawn = html`<p class="note">No case has a time, so there is no chart to draw.</p>`;

function figure({ chart, drawn }: DrawnResults["drawings"][number]): Html {
  if (drawn === null) return html`<p class="note">${chart.title}: ${chart.absent}</p>`;
  return html`<figure>${scroll(chart.title, picture(drawn.svg, `${chart.title}. ${chart.caption}`))}<figcaption>${chart.caption}</figcaption></figure>
`;
}

/** Vega escapes the strings that it draws, so its picture is markup. Where long names widen it, it shrinks a little only. */
function picture(svg: string, label: string): Html {
  const width = Number(/ width="(\d+)"/.exec(svg)?.[1]);
  const least = Math.round(0.85 * width);
  return new Html(
    svg.replace(/^<svg /, `<svg role="img" aria-label="${escaped(label)}" style="--least: ${least}px" `),
  );
}

function tables(series: ReturnType<typeof seriesOf>): Html {
  return html`<h3>Time by length</h3>
<p class="note">Median of one call ± half its 95 % interval; below it the speed-up.</p>
${scroll("time by length", overviewTable(series))}
<h3>Growth</h3>
<p class="note">Least-squares exponent of length with Student's 95 % interval; no fit from fewer than four lengths.</p>
${scroll("growth", growthTable(series))}
<h3>All cases</h3>
<p class="note">The gate compares with a float64 reference: a case whose error exceeds its budget has failed and gets no time. The fidelity error is the relative distance to full attention on the same input. The ceiling is the best rate that the machine reached on as many threads; the ideal speed-up is the useful work of ${BASELINE} over that of the case, and the last share is how much of it came true.</p>
${scroll("all cases", caseTable(series), "scroll wide")}`;
}

function fileName({ name }: DrawnResults["results"]): string {
  return printable(name, 100);
}

/** What is wider than a narrow screen moves within its own frame, by keyboard too. */
function scroll(label: string, content: Html, frame = "scroll"): Html {
  return html`<div class="${frame}" role="region" tabindex="0" aria-label="${label}">${content}</div>`;
}
