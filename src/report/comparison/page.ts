import type { Comparison } from "../../compare/comparison.ts";
import { type Html, html } from "../../text/html.ts";
import { shortName } from "../../text/labels.ts";
import { pageDocument } from "../page/document.ts";
import { figure } from "../page/figure.ts";
import { ownScript, vegaScript } from "../page/script.ts";
import { scroll } from "../page/scroll.ts";
import { trustMark } from "../page/trust-mark.ts";
import { answerOf } from "./answer.ts";
import { changedCells, changesTable } from "./changes.ts";
import type { RatioDrawing } from "./chart.ts";
import { comparisonStyle } from "./page-style.ts";
import { comparisonTopics } from "./page-topics.ts";
import { sideText } from "./side-tables.ts";
import { comparisonTrust, machineText } from "./trust.ts";

/**
 * A comparison as one HTML page that needs nothing else, in the order of a report: what was compared, the answer, the chart
 * and the table of what changed, then topics. Its policy allows its own scripts and no request; all of it can be read
 * without them. Every string of the comparison is data in it. `drawings` are the chart of the rows that matter most, and
 * that of all if there are more.
 */
export function comparisonPage(comparison: Comparison, drawings: readonly RatioDrawing[]): string {
  const title = `attnbench ${comparison.kind}: ${comparison.outcome}`;
  const [first, ...others] = drawings;
  return pageDocument({
    title,
    style: comparisonStyle(drawings),
    content: html`<section aria-label="comparison">
<div class="first">
${about(comparison)}${outcome(comparison)}
${first === undefined ? "" : figure(first, first.chart.id, true, true)}</div>
${others.map(
  (one) => html`<details><summary>The chart of all rows</summary>
${figure(one, one.chart.id, true)}</details>
`,
)}${changes(comparison)}${comparisonTopics(comparison)}</section>`,
    scripts: [...(drawings.length === 0 ? [] : [vegaScript()]), ownScript()],
  });
}

/** What against what, where, and how much it proves. */
function about(comparison: Comparison): Html {
  const { base, head } = comparison;
  const parts = [
    `head ${sideText(head)} against base ${sideText(base)}`,
    machineText(comparison),
    trustMark(comparisonTrust(comparison), "#evidence"),
  ];
  return html`<p class="about">${parts.map((part) => html`<span>${part}</span> `)}</p>
`;
}

function outcome(comparison: Comparison): Html {
  const { outcome, reasons } = comparison;
  const items = reasons.map((reason) => html`<li>${shortName(reason, 1000)}</li>`);
  return html`<div class="outcome ${outcome}"><p>${answerOf(comparison).join(" ").replaceAll(" %", "\u00a0%")}</p>${items.length === 0 ? "" : html`<ul>${items}</ul>`}</div>`;
}

function changes(comparison: Comparison): Html {
  const changed = changedCells(comparison);
  if (comparison.cells.length === 0) return html``;
  return html`<section class="topic" id="changes" aria-labelledby="changes-title">
<h3 id="changes-title">What changed</h3>
${
  changed.length === 0
    ? html`<p class="answer">No cell’s time is known to have changed.</p>`
    : scroll("what changed", changesTable(changed, comparison.kind))
}
</section>
`;
}
