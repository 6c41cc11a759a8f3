import { pageStyle } from "../page/style.ts";

/**
 * The style sheet of a history's page: that of every page, small pictures, and rows that become blocks where it is
 * narrow.
 */
export function historyStyle(): string {
  return `${pageStyle()}
:root { --good: #0b6b3f; --level: #1769c9; }
@media screen and (prefers-color-scheme: dark) { :root { --good: #5fd39a; --level: #6cb2ff; } }
.slower { color: var(--bad); font-weight: 600; }
.faster { color: var(--good); font-weight: 600; }
.known, .known .slower, .known .faster { color: var(--quiet); font-weight: 400; }
.answer { font-size: 1.1rem; font-weight: 600; margin: 0.4rem 0 0.8rem; }
code { font-size: 0.9em; }
.spark { width: 15rem; height: 2.75rem; background: var(--soft); border-radius: 4px; }
.legend .spark { background: none; }
.date { white-space: nowrap; }
.spark path { fill: none; stroke-linejoin: round; }
.spark .points { stroke: var(--quiet); stroke-width: 1; stroke-linecap: round; opacity: 0.75; }
.spark .band { fill: var(--quiet); opacity: 0.45; stroke: none; }
.spark .level { stroke: var(--level); stroke-width: 2; }
.spark .mark { stroke-width: 1; }
.spark .slow { fill: var(--bad); stroke: var(--bad); }
.spark .fast { fill: var(--good); stroke: var(--good); }
.spark .known { fill: var(--quiet); stroke: var(--quiet); stroke-dasharray: 2 2; }
table.cells { width: 100%; }
table.cells :is(th, td) { text-align: left; white-space: normal; vertical-align: top; }
table.cells th[scope="row"] { font-weight: 400; overflow-wrap: anywhere; min-width: 9rem; max-width: 22rem; }
table.cells td.time { white-space: nowrap; text-align: right; }
table.cells td.picture { width: 16rem; }
ul.changes, ul.groups { margin: 0; padding: 0; list-style: none; }
ul.changes li + li { margin-top: 0.3rem; }
ul.groups > li { padding: 0.6rem 0; border-bottom: 1px solid var(--line); }
ul.groups > li > p { margin: 0; }
ul.groups ul { margin: 0.3rem 0; padding-left: 1.2rem; font-size: 0.9rem; }
ul.groups li li { overflow-wrap: anywhere; }
.where { color: var(--quiet); font-size: 0.9em; }
.machine { overflow-wrap: anywhere; }
details.still { margin-top: 0.8rem; }
details.still > summary { cursor: pointer; padding: 0.3rem 0; }
.legend { display: flex; flex-wrap: wrap; gap: 0.2rem 1.2rem; align-items: center; color: var(--quiet); font-size: 0.9rem; }
.legend svg { display: inline-block; width: 0.9rem; height: 0.7rem; vertical-align: -0.05em; }
@media (max-width: 46rem) {
table.cells thead { position: absolute; left: -99rem; }
table.cells, table.cells :is(tbody, tr, th, td) { display: block; width: auto; border: 0; padding: 0; max-width: none; }
table.cells tr { padding: 0.7rem 0; border-bottom: 1px solid var(--line); }
table.cells td.time { text-align: left; }
table.cells td.time::before { content: "now "; }
table.cells td.picture { width: auto; }
.spark { width: 100%; height: auto; max-height: 4.5rem; margin: 0.2rem 0; }
}
@media print { .spark { width: 11rem; height: auto; } details.still > summary { break-after: avoid; } }
`;
}
