import { inks } from "../charts/look.ts";
import { counterparts } from "../looks/dark-look.ts";
import { controlsStyle } from "./controls-style.ts";
import { firstScreenStyle } from "./first-screen-style.ts";
import { topicStyle } from "./topic-style.ts";

/** The page's style sheet: light and dark, narrow and wide, screen and paper. */
export function pageStyle(): string {
  return `${base}${firstScreenStyle}${topicStyle}${controlsStyle}
@media screen and (prefers-color-scheme: dark) {
:root { ${colors("dark")} --soft: #1c2128; --quiet: #a7b0bd; --bad: #ff8f7d; --warn: #e8b923; --shade: #566070; --focus: #6cb2ff; }
${darkCharts()}
}
${print}`;
}

/** The charts name their colours in attributes, which a rule of a style sheet overrides. */
function darkCharts(): string {
  return [...counterparts]
    .map(
      ([light, dark]) =>
        `svg [fill="${light}"] { fill: ${dark}; } svg [stroke="${light}"] { stroke: ${dark}; }`,
    )
    .join("\n");
}

function colors(scheme: "light" | "dark"): string {
  return `--ink: ${inks.text[scheme]}; --ground: ${inks.ground[scheme]}; --line: ${inks.grid[scheme]};`;
}

/** A shadow at each side where there is more to see: a cover in the page's colour moves with the content. */
function scrollShades(): string {
  const cover = (side: string, at: string) =>
    `linear-gradient(to ${side}, var(--ground) 40%, transparent) ${at} / 3rem 100% no-repeat local`;
  const shade = (side: string, at: string) =>
    `linear-gradient(to ${side}, var(--shade), transparent) ${at} / 0.9rem 100% no-repeat scroll`;
  return `background: ${[cover("right", "0 0"), cover("left", "100% 0"), shade("right", "0 0"), shade("left", "100% 0")].join(", ")};`;
}

const base = `
:root { color-scheme: light dark; ${colors("light")} --soft: #f4f6f8; --quiet: #59626f; --bad: #a3201c; --warn: #8a5a00; --shade: #b9c1cb; --focus: #1769c9;
  --edge: clamp(0.9rem, 4vw, 2.5rem); }
html { scroll-padding-top: calc(var(--stuck, var(--above, 0px)) + 0.5rem); }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 0.9rem var(--edge) 4rem; background: var(--ground);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.3rem; line-height: 1.25; margin: 0 0 0.1rem; }
h2 { font-size: 1.15rem; line-height: 1.3; margin: 0 0 0.1rem; }
h3 { font-size: 1.05rem; margin: 2.2rem 0 0.5rem; }
main > section + section { border-top: 2px solid var(--line); margin-top: 3rem; padding-top: 1.5rem; }
.about, figcaption, .note { color: var(--quiet); font-size: 0.9rem; }
.about { margin: 0 0 1rem; }
.about, .warnings, .note { max-width: 60rem; }
.about span { display: inline-block; max-width: 100%; }
.about span:not(:last-child)::after { content: " ·"; }
.command { overflow-x: auto; margin: 0 0 1rem; padding: 0.5rem 0.8rem; background: var(--soft); white-space: pre-wrap; }
.warnings { margin: 0; padding: 0.6rem 1rem 0.6rem 2rem; border-left: 4px solid var(--warn); background: var(--soft); }
figure { margin: 1.2rem 0 0; }
figcaption { max-width: 46rem; margin-top: 0.3rem; }
.scroll { overflow-x: auto; width: fit-content; max-width: 100%; border: 1px solid var(--line); border-radius: 6px;
  ${scrollShades()} }
.scroll > svg > rect, .live > svg > rect { fill: none; }
.live > svg { background: none !important; }
.is-live .scroll > svg { display: none; }
.downloads { margin: 0.3rem 0 0; color: var(--quiet); font-size: 0.85rem; }
.first figcaption { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 1.5rem; max-width: none; }
.first figcaption details { flex: 1 1 12rem; max-width: 46rem; }
.first figcaption summary { cursor: pointer; }
.first .downloads { margin: 0; }
[hidden] { display: none !important; }
@media screen { .off-page, .asked { display: none; } }
.skip { position: absolute; left: -99rem; }
.skip:focus { position: fixed; left: 1rem; top: 1rem; z-index: 3; padding: 0.5rem 1rem; background: var(--ground); border: 2px solid; }
main:focus { outline: none; }
:is(a, button, input, select, .scroll):focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
button, select { font: inherit; color: inherit; background: var(--soft); border: 1px solid var(--quiet); border-radius: 4px;
  padding: 0.1rem 0.6rem; min-height: 1.75rem; max-width: 100%; }
button { cursor: pointer; }
.choice { font-size: 0.9rem; }
.choice { display: inline-flex; align-items: center; flex-wrap: wrap; gap: 0.5rem; margin: 0.4rem 0; }
.file { position: sticky; top: 0; z-index: 2; display: flex; margin: 0 0 1rem; padding: 0.4rem 0; background: var(--ground); }
.tooltip { position: fixed; z-index: 4; max-width: min(24rem, 90vw); padding: 0.4rem 0.7rem; pointer-events: none; font-size: 0.85rem;
  background: var(--ground); border: 1px solid var(--quiet); border-radius: 4px; box-shadow: 0 2px 8px #0004; }
.tooltip span { color: var(--quiet); }
.symbol { display: inline-block; flex: none; vertical-align: -0.1em; min-width: 0; }
thead th button { all: unset; cursor: pointer; white-space: nowrap; }
thead th button::after { content: "\\2195"; margin-left: 0.2em; color: var(--quiet); font-weight: 400; }
thead th[aria-sort="ascending"] button::after { content: "\\2191"; color: inherit; }
thead th[aria-sort="descending"] button::after { content: "\\2193"; color: inherit; }
.wide { position: relative; left: 50%; transform: translateX(-50%); width: max-content; min-width: 100%;
  max-width: calc(100vw - 2 * var(--edge)); }
.wide table { width: 100%; }
svg { display: block; }
table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
th, td { padding: 0.25rem 0.5rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); }
th { font-weight: 600; }
thead th { border-bottom: 2px solid var(--quiet); vertical-align: bottom; }
tbody:last-child tr:last-child > * { border-bottom: 0; }
tbody + tbody tr:first-child > * { border-top: 2px solid var(--line); }
.text { text-align: left; }
td.parameters { min-width: 9rem; max-width: 14rem; white-space: normal; }
td.formula { text-align: left; white-space: normal; min-width: 8rem; max-width: 20rem; }
.way { display: block; }
td.why { text-align: left; white-space: normal; min-width: 16rem; overflow-wrap: anywhere; }
.gain { display: block; color: var(--quiet); font-size: 0.85em; }
.failed { color: var(--bad); font-weight: 600; }
.skipped { color: var(--quiet); font-style: italic; }
.facts { display: grid; grid-template-columns: fit-content(14rem) minmax(0, 1fr); gap: 0.2rem 1.2rem; margin: 0; font-size: 0.9rem; }
.facts dt { color: var(--quiet); }
.facts dt, .facts dd { overflow-wrap: anywhere; }
dd { margin: 0; }
@media (min-width: 56rem) { figure:not(.fitted) .scroll svg { max-width: 100%; min-width: var(--least); height: auto; } }
@media (min-width: 110rem) { body { max-width: 100rem; } }
@media (max-width: 34rem) { .facts { grid-template-columns: 1fr; gap: 0; } .facts dd { margin-bottom: 0.5rem; } }
`;

const print = `@media print {
:root { font-size: 9.5pt; }
body { max-width: none; padding: 0; }
.conditions, .at, .tools, .choice, .downloads, .tooltip, .skip, .still, thead th button::after { display: none !important; }
summary { list-style: none; break-after: avoid; }
.scroll { overflow: visible; border: 0; width: auto; background: none; }
.wide { position: static; transform: none; min-width: 0; max-width: none; }
:is(.scroll, .live) > svg { max-width: 100%; max-height: 23cm; width: auto; min-width: 0; height: auto; }
figure, tr, dl { break-inside: avoid; }
h3 { break-after: avoid; }
thead { display: table-header-group; }
table { font-size: 7pt; width: 100%; }
th, td { padding: 0.1rem 0.25rem; white-space: normal; }
table.sortable { font-size: 5.6pt; }
table.sortable :is(th, td) { padding: 0.1rem; }
table.sortable td[data-sort] { white-space: nowrap; }
table.sortable .gain { white-space: normal; }
.ranking table.sortable { font-size: 6.5pt; }
.ranking table.sortable :is(th, td) { white-space: nowrap; line-height: 1.4; padding: 0.1rem 0.2rem; }
th[scope="row"] { overflow-wrap: anywhere; min-width: 5.5em; }
thead th button { display: contents; white-space: normal; }
.asked { margin: 0.3rem 0; font-weight: 600; }
td.parameters { min-width: 6em; max-width: 7rem; overflow-wrap: anywhere; }
td.why { min-width: 0; }
}`;
