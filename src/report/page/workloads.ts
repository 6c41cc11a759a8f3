import { type Html, html } from "../../text/html.ts";
import type { Series } from "../series.ts";
import { WORKLOAD_NOTE, workloadTable } from "../tables/workload-table.ts";
import { scroll } from "./scroll.ts";
import { type PageVariant, placeOf } from "./variants.ts";

/** Errors on several inputs; nothing if the results hold none. */
export function workloadSection(series: readonly Series[], variants: readonly PageVariant[]): Html {
  const table = workloadTable(series);
  if (table === null) return html``;
  const { title, heads, rows, means } = table;
  return html`<h3>${title}</h3>
<p class="note">${WORKLOAD_NOTE}</p>
${scroll(
  title.replace(/^E/, "e"),
  html`<table>
<thead><tr><th scope="col" class="text">variant</th>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows.map(
    ({ series: one, cells }) => html`
<tr data-variant="${placeOf(one, variants)}"><th scope="row" class="text">${one.label}</th>${cells.map(
      ({ error, overMean }) =>
        html`<td>${error}${overMean === "" ? "" : html`<span class="gain">${overMean}</span>`}</td>`,
    )}</tr>`,
  )}
<tr><th scope="row" class="text">mean of v</th>${means.map((mean) => html`<td>${mean}</td>`)}</tr></tbody>
</table>`,
)}
`;
}
