import { inlineScript, inlineStyle } from "../../report/page/policy.ts";
import { pageStyle } from "../../report/page/style.ts";
import { Html, html } from "../../text/html.ts";
import { FIELD_LABELS } from "../field-labels.ts";
import { furtherFields, usualFields } from "./fields.ts";
import { packedScript } from "./packed.ts";
import { pagePolicy } from "./policy.ts";
import { suiteStyle } from "./style.ts";

/** What the page consists of besides its markup: scripts, as text. */
export interface SuiteScripts {
  /** The page's own. */
  readonly ui: string;
  /** Of the worker that measures. */
  readonly engine: string;
  /** Of the worker that draws the report; it needs Vega's before it. */
  readonly liveReport: string;
  /** Those that reports have. */
  readonly own: string;
  readonly vega: string;
}

/** The page, and the policy that it declares. */
export interface SuitePage {
  readonly html: string;
  readonly policy: string;
}

/**
 * The suite as one page of HTML that needs nothing else: it measures in a worker, draws the report in another, and its
 * policy allows no request.
 */
export function suitePage({ ui, engine, liveReport, own, vega }: SuiteScripts): SuitePage {
  const style = inlineStyle(pageStyle() + suiteStyle);
  const script = inlineScript(ui);
  const policy = pagePolicy(script, style, { scripts: [own, vega] });
  const page = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Html(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>attnbench: which attention runs best here</title>
<link rel="icon" href="data:,">
${style.element}
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header><h1>attnbench</h1>
<p class="about">Which attention runs best in this browser, on this device? Each result is checked against a float64 reference, then timed. Nothing leaves the page.</p></header>
<main id="content" tabindex="-1">
<noscript><p class="warnings">The page measures with scripts: allow them for it.</p></noscript>
${browserSection}${form()}${runSection}${foundSection}${reportSection}</main>
${packedScript("engine-script", engine)}
${packedScript("live-report-script", liveReport)}
${packedScript("report-script", own)}
${packedScript("vega-script", vega)}
${script.element}
</body>
</html>
`;
  return { html: page.text, policy };
}

const browserSection = html`<section class="browser" aria-labelledby="browser-name">
<h2 id="browser-name">This browser</h2>
<ul id="browser"><li>being asked what it can measure …</li></ul>
</section>
`;

function form(): Html {
  return html`<form id="choices" autocomplete="off" novalidate>
<fieldset class="variants" disabled>
<legend>${FIELD_LABELS.variants}</legend>
<div class="tools"><label>filter <input type="search" id="filter" autocomplete="off" spellcheck="false"></label>
<span class="picks"><button type="button" data-pick="usual">usual</button> <button type="button" data-pick="shown">all shown</button> <button type="button" data-pick="none">none</button></span>
<output id="chosen" for="filter"></output></div>
<div id="families" tabindex="0" role="group" aria-label="variants by family"></div>
</fieldset>
<fieldset class="settings" disabled>
<legend>Settings</legend>
<div class="fields">
${usualFields()}</div>
<div role="group" aria-labelledby="kernels-name" class="kernels"><span id="kernels-name">${FIELD_LABELS.kernels} <span class="count">none chosen: for each case the fastest that can run it</span></span>
<div id="kernels"></div></div>
<details class="further"><summary>more settings</summary><div class="fields">
${furtherFields()}</div></details>
</fieldset>
<p class="acts"><button type="submit" id="run" disabled>Run</button> <button type="button" id="stop" disabled>Stop</button> <button type="button" id="rerun" disabled title="the last run once more, whatever is chosen now">Rerun</button></p>
<p id="refused" role="alert" hidden></p>
</form>
`;
}

const runSection = html`<section id="progress" aria-label="progress" hidden>
<progress aria-label="progress of the run"></progress>
<p class="now"><span id="phase"></span> <span id="case"></span> <span id="left"></span></p>
<p id="status" role="status"></p>
<ul id="remarks" class="warnings" hidden></ul>
</section>
`;

const foundSection = html`<section id="findings" aria-labelledby="found-name" hidden>
<h2 id="found-name">Found so far</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="found-name"><pre id="found"></pre></div>
<ul id="warnings" class="warnings" hidden></ul>
<p class="saves"><button type="button" id="save-results">Save the results file</button> <button type="button" id="save-report">Save the report</button> <span class="note">attnbench report, compare and run --replay read the results file.</span></p>
</section>
`;

const reportSection = html`<section id="report" aria-labelledby="report-name" hidden>
<div class="head"><h2 id="report-name">Report</h2> <button type="button" id="enlarge" aria-pressed="false">enlarge</button></div>
<div id="frame"></div>
</section>
`;
