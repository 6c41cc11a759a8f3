import { pageStyle } from "../page/style.ts";

/**
 * The style sheet of a comparison's page: that of every page, and the look of verdicts. Each also has its
 * word.
 */
export function comparisonStyle(svg: string | null): string {
  // If long names widen the picture, it shrinks only a little, and scrolls.
  const width = Number(/ width="(\d+)"/.exec(svg ?? "")?.[1]);
  return `${pageStyle()}
${width > 0 ? `#ratios { --least: ${Math.round(0.85 * width)}px; }` : ""}
:root { --good: #0b6b3f; }
@media screen and (prefers-color-scheme: dark) { :root { --good: #5fd39a; } }
.outcome { margin: 1rem 0; padding: 0.7rem 1rem; border-left: 4px solid var(--quiet); background: var(--soft); max-width: 60rem; }
.outcome p { margin: 0; font-size: 1.15rem; font-weight: 600; }
.outcome ul { margin: 0.4rem 0 0; padding-left: 1.2rem; }
.outcome.regressed { border-color: var(--bad); }
.outcome.inconclusive { border-color: var(--warn); }
.outcome.fine { border-color: var(--good); }
.slower, .broken { color: var(--bad); font-weight: 600; }
.faster { color: var(--good); font-weight: 600; }
.unresolved { font-style: italic; }
.same, .same-median { color: var(--quiet); }
tbody :is(th, td) { vertical-align: top; }
td.long { white-space: normal; min-width: 15rem; max-width: 34rem; overflow-wrap: anywhere; }
th.name { white-space: normal; min-width: 5rem; max-width: 22rem; overflow-wrap: anywhere; }
@media print {
.scroll svg { max-height: 23cm; width: auto; }
table.sortable { font-size: 7pt; }
table.sortable :is(th, td) { padding: 0.1rem 0.3rem; }
td.long { min-width: 0; }
}
`;
}
