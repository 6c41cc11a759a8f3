import { type Html, html } from "../../text/html.ts";
import type { Series } from "../series.ts";
import { ARENA_NOTE, arenaTable } from "../tables/arena-table.ts";
import { scroll } from "./scroll.ts";
import { type PageVariant, placeOf } from "./variants.ts";

/** Long Range Arena's published speeds beside those of the page; nothing if it has too few of its models. */
export function arenaSection(series: readonly Series[], variants: readonly PageVariant[]): Html {
  const table = arenaTable(series);
  if (table === null) return html``;
  return html`<h3>Long Range Arena, published and here</h3>
<p class="note">${ARENA_NOTE}</p>
${scroll(
  "Long Range Arena, published and here",
  html`<table>
<thead><tr><th scope="col" class="text">model</th><th scope="col" class="text">variant</th>${table.heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${table.rows.map(
    ({ series: one, model, cells }) => html`
<tr data-variant="${placeOf(one, variants)}"><th scope="row" class="text">${model}</th><td class="text">${one.label}</td>${cells.map(
      ({ value, below }) =>
        html`<td>${value}${below === "" ? "" : html`<span class="gain">${below}</span>`}</td>`,
    )}</tr>`,
  )}</tbody>
</table>`,
)}
`;
}
