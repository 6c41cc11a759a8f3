import { inks, palette } from "./charts/look.ts";

/** The page's style sheet: light and dark, narrow and wide, screen and paper. */
export function pageStyle(): string {
  return `${base}
@media screen and (prefers-color-scheme: dark) {
:root { ${colors("dark")} --soft: #1c2128; --quiet: #a7b0bd; --bad: #ff8f7d; --warn: #e8b923; --shade: #566070; }
${darkCharts()}
}
${print}`;
}

/** The charts name their colours in attributes, which a rule of a style sheet overrides. */
function darkCharts(): string {
  return [...palette, ...Object.values(inks)]
    .map(
      ({ light, dark }) =>
        `svg [fill="${light}"] { fill: ${dark}; } svg [stroke="${light}"] { stroke: ${dark}; }`,
    )
    .join("\n");
}

function colors(scheme: "light" | "dark"): string {
  return `--ink: ${inks.text[scheme]}; --ground: ${inks.ground[scheme]}; --line: ${inks.grid[scheme]};`;
}

/** A shade at each side towards which there is more to see: a cover in the page's colour moves with what is shown. */
function scrollShades(): string {
  const cover = (side: string, at: string) =>
    `linear-gradient(to ${side}, var(--ground) 40%, transparent) ${at} / 3rem 100% no-repeat local`;
  const shade = (side: string, at: string) =>
    `linear-gradient(to ${side}, var(--shade), transparent) ${at} / 0.9rem 100% no-repeat scroll`;
  return `background: ${[cover("right", "0 0"), cover("left", "100% 0"), shade("right", "0 0"), shade("left", "100% 0")].join(", ")};`;
}

const base = `
:root { color-scheme: light dark; ${colors("light")} --soft: #f4f6f8; --quiet: #59626f; --bad: #a3201c; --warn: #8a5a00; --shade: #b9c1cb;
  --edge: clamp(0.9rem, 4vw, 2.5rem); }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem var(--edge) 4rem; background: var(--ground);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 0.25rem; }
h2 { font-size: 1.3rem; line-height: 1.3; margin: 0 0 0.25rem; }
h3 { font-size: 1.05rem; margin: 2.2rem 0 0.5rem; }
section + section { border-top: 2px solid var(--line); margin-top: 3rem; padding-top: 1.5rem; }
.about, figcaption, .note { color: var(--quiet); font-size: 0.9rem; }
.about { margin: 0 0 1rem; }
.findings { margin: 0; padding: 0; list-style: none; font-size: 1.05rem; }
.findings li { margin: 0.35rem 0; }
.findings, .about, .warnings, .note { max-width: 60rem; }
.warnings { margin: 0; padding: 0.6rem 1rem 0.6rem 2rem; border-left: 4px solid var(--warn); background: var(--soft); }
figure { margin: 1.2rem 0 0; }
figcaption { max-width: 46rem; margin-top: 0.3rem; }
.scroll { overflow-x: auto; width: fit-content; max-width: 100%; border: 1px solid var(--line); border-radius: 6px;
  ${scrollShades()} }
.scroll > svg > rect { fill: none; }
.wide { position: relative; left: 50%; transform: translateX(-50%); width: max-content; min-width: 100%;
  max-width: calc(100vw - 2 * var(--edge)); }
.wide table { width: 100%; }
.scroll:focus-visible { outline: 3px solid #3397fa; }
svg { display: block; }
table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
th, td { padding: 0.25rem 0.5rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); }
th { font-weight: 600; }
thead th { border-bottom: 2px solid var(--quiet); vertical-align: bottom; }
tbody:last-child tr:last-child > * { border-bottom: 0; }
tbody + tbody tr:first-child > * { border-top: 2px solid var(--line); }
.text { text-align: left; }
td.parameters { min-width: 9rem; max-width: 14rem; white-space: normal; }
td.why { text-align: left; white-space: normal; min-width: 16rem; overflow-wrap: anywhere; }
.gain { display: block; color: var(--quiet); font-size: 0.85em; }
.failed { color: var(--bad); font-weight: 600; }
.skipped { color: var(--quiet); font-style: italic; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.2rem 1.2rem; margin: 0; font-size: 0.9rem; }
dt { color: var(--quiet); }
dd { margin: 0; }
@media (min-width: 56rem) { svg { max-width: 100%; min-width: var(--least); height: auto; } }
@media (max-width: 34rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: 0.5rem; } }
`;

const print = `@media print {
body { max-width: none; padding: 0; font-size: 9.5pt; }
.scroll { overflow: visible; border: 0; width: auto; background: none; }
.wide { position: static; transform: none; min-width: 0; max-width: none; }
svg { max-width: 100%; min-width: 0; height: auto; }
figure, tr, dl { break-inside: avoid; }
h3 { break-after: avoid; }
thead { display: table-header-group; }
table { font-size: 7pt; width: 100%; }
th, td { padding: 0.15rem 0.3rem; white-space: normal; }
td.parameters { min-width: 0; max-width: 7rem; }
td.why { min-width: 0; }
}`;
