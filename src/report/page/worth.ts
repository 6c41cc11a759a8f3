import { formatLength } from "../../text/format.ts";
import { type Html, html } from "../../text/html.ts";
import type { Series } from "../series.ts";
import { WORTH_HEADS, WORTH_NOTE, worthTable } from "../tables/worth-table.ts";
import { scroll } from "./scroll.ts";
import { type PageVariant, placeOf } from "./variants.ts";

const title = "What a faster attention is worth in the layer";

/** The speed-up of attention beside that of the layer around it; nothing where no layers were measured. */
export function worthSection(series: readonly Series[], variants: readonly PageVariant[]): Html {
  const rows = worthTable(series);
  if (rows.length === 0) return html``;
  return html`<h3>${title}</h3>
<p class="note">${WORTH_NOTE}</p>
${scroll(
  title.replace(/^W/, "w"),
  html`<table>
<thead><tr><th scope="col" class="text">variant</th><th scope="col">length</th>${WORTH_HEADS.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
${[...Map.groupBy(rows, ({ series: one }) => one)].map(
  ([one, lines]) =>
    html`<tbody>${lines.map(
      ({ length, cells }) => html`
<tr data-variant="${placeOf(one, variants)}"><th scope="row" class="text">${one.label}</th><td>${formatLength(length)}</td>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`,
    )}</tbody>`,
)}
</table>`,
)}
`;
}
