import { figureStyle } from "../page/figure.ts";
import { pageStyle } from "../page/style.ts";
import type { RatioDrawing } from "./chart.ts";

/** The style sheet of a comparison's page: that of every page, and the look of verdicts. Each also has its word. */
export function comparisonStyle(drawings: readonly RatioDrawing[]): string {
  return `${pageStyle()}${drawings.map((drawing) => figureStyle(drawing, drawing.chart.id)).join("")}
:root { --good: #0b6b3f; }
@media screen and (prefers-color-scheme: dark) { :root { --good: #5fd39a; } }
.outcome { margin: 0.4rem 0; padding: 0.5rem 1rem; border-left: 4px solid var(--quiet); background: var(--soft); }
.outcome p { margin: 0; font-size: 1.1rem; font-weight: 600; }
.outcome ul { margin: 0.4rem 0 0; padding-left: 1.2rem; }
.outcome.regressed { border-color: var(--bad); }
.outcome.inconclusive { border-color: var(--warn); }
.outcome.fine { border-color: var(--good); }
.slower, .broken { color: var(--bad); font-weight: 600; }
.faster { color: var(--good); font-weight: 600; }
.unresolved { font-style: italic; }
.same, .same-median { color: var(--quiet); }
tbody :is(th, td) { vertical-align: top; }
#changes .scroll { width: auto; }
#changes table { width: 100%; }
td.long { white-space: normal; min-width: 13rem; max-width: 34rem; overflow-wrap: anywhere; }
th.name { white-space: normal; min-width: 8.5rem; max-width: 22rem; overflow-wrap: anywhere; }
@media (max-width: 34rem) { th.name { min-width: 5rem; } }
@media print {
.scroll svg { max-height: 23cm; width: auto; }
table.sortable { font-size: 7pt; }
table.sortable :is(th, td) { padding: 0.1rem 0.3rem; }
td.long { min-width: 0; }
}
`;
}
