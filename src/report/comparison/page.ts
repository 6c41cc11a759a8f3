import type { Comparison } from "../../compare/comparison.ts";
import { Html, html } from "../../text/html.ts";
import { shortName } from "../../text/labels.ts";
import { picture } from "../page/picture.ts";
import { contentPolicy, inlineScript, inlineStyle } from "../page/policy.ts";
import { ownScript } from "../page/script.ts";
import { scroll } from "../page/scroll.ts";
import { namedCells } from "./cell-names.ts";
import { intervalText, meanChange } from "./change-text.ts";
import type { DrawnRatios } from "./chart.ts";
import { comparisonStyle } from "./page-style.ts";
import { cellTable, sideTable } from "./page-tables.ts";
import { differenceTable, groupTable, oneSidedTable, sideText, workTable } from "./side-tables.ts";
import { byWeight, verdictCounts } from "./verdicts.ts";

/**
 * A comparison as one HTML page that needs nothing else: its policy allows its own script, which sorts the
 * table, and no request. All of it can be read without the script. Every string of the comparison is data in
 * it.
 */
export function comparisonPage(comparison: Comparison, ratios: DrawnRatios | null): string {
  const title = `attnbench ${comparison.kind}: ${comparison.outcome}`;
  const style = inlineStyle(comparisonStyle(ratios?.svg ?? null));
  const script = inlineScript(ownScript());
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Html(contentPolicy([script], [style]))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
${style.element}
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header><h1>${title}</h1></header>
<main id="content" tabindex="-1">
<section aria-label="comparison">
${outcome(comparison)}
${sides(comparison)}
${list("Before believing it", comparison.remarks)}
${cells(comparison, ratios)}
${sideTable(groupTable(comparison))}
${sideTable(workTable(comparison), "Counted exactly: there is no noise in it.")}
${sideTable(oneSidedTable(comparison))}
${sideTable(differenceTable(comparison))}
</section>
</main>
${script.element}
</body>
</html>
`.text;
}

function outcome({ outcome, headline, reasons }: Comparison): Html {
  const items = reasons.map((reason) => html`<li>${shortName(reason, 1000)}</li>`);
  return html`<div class="outcome ${outcome}"><p>${shortName(headline, 1000)}</p>${items.length === 0 ? "" : html`<ul>${items}</ul>`}</div>`;
}

function sides(comparison: Comparison): Html {
  const { base, head, geometricMean, margin } = comparison;
  const facts: (readonly [name: string, value: string])[] = [
    ["base", sideText(base)],
    ["head", sideText(head)],
    ["cells", verdictCounts(comparison)],
  ];
  if (geometricMean !== null) {
    facts.push(["geometric mean", `${meanChange(geometricMean, margin)} (${intervalText(geometricMean)})`]);
  }
  return html`<dl class="facts">${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

function list(title: string, texts: readonly string[]): Html {
  if (texts.length === 0) return html``;
  return html`<h3>${title}</h3><ul class="warnings">${texts.map((text) => html`<li>${shortName(text, 1000)}</li>`)}</ul>`;
}

function cells(comparison: Comparison, ratios: DrawnRatios | null): Html {
  const { kind } = comparison;
  const rows = byWeight(namedCells(comparison.cells));
  if (rows.length === 0) return html``;
  const figure =
    ratios === null
      ? ""
      : html`<figure id="ratios">${scroll("ratios", picture(ratios.svg, "ratios", ratios.caption))}
<figcaption>${ratios.caption}</figcaption></figure>`;
  return html`<h3>Time</h3>
${figure}
<h3>Each cell</h3>
<p class="note">Median time of one call, what matters most first; “mean” is the change of the mean. ~ means that no change was detected; the columns “could see” are the smallest slow-downs that would have been seen 9 times in 10, for the mean those of costs on at least one call in the number given.</p>
${scroll("time of each cell", cellTable(rows, kind), "scroll wide")}`;
}
