import type { Letters, TableCell } from "../../core/table-one.ts";
import type { Results } from "../../record/case-row.ts";
import { formatLength } from "../../text/format.ts";
import { type Html, html } from "../../text/html.ts";
import { lettersOf, lettersText, TABLE_NOTE, TABLE_TITLE, waysText } from "../../text/table-one.ts";
import type { Series } from "../series.ts";
import { tableOneOf } from "../tables/table-one.ts";
import { scroll } from "./scroll.ts";
import { type PageVariant, placeOf } from "./variants.ts";

/** Table 1 of Vaswani et al. for the variants of the page: formulas, and their values; nothing if none has a row in it. */
export function tableOneSection(
  series: readonly Series[],
  variants: readonly PageVariant[],
  results: Results,
): Html {
  const table = tableOneOf(series, results);
  if (table === null) return html``;
  const { lengths, rows } = table;
  return html`<h3>${TABLE_TITLE}</h3>
<p class="note">${TABLE_NOTE}</p>
${scroll(
  "Table 1, formulas",
  html`<table>
<thead><tr><th scope="col" class="text">variant</th><th scope="col" class="text">complexity per layer and head</th><th scope="col" class="text">sequential operations</th><th scope="col" class="text">maximum path length</th><th scope="col">declared</th><th scope="col">time grows as</th></tr></thead>
<tbody>${rows.map(
    ({ series: one, entry, measured, declared }) => html`
<tr data-variant="${placeOf(one, variants)}"><th scope="row" class="text">${one.label}</th>${formulas(entry.perLayer)}${formulas(entry.sequential, lettersOf(entry))}${formulas(entry.path, lettersOf(entry))}<td>${declared}</td><td>${measured}</td></tr>`,
  )}</tbody>
</table>`,
)}
<p class="note">Its values: complexity, and below it sequential operations · path length.</p>
${scroll(
  "Table 1, values",
  html`<table>
<thead><tr><th scope="col" class="text">variant</th>${lengths.map((length) => html`<th scope="col">${formatLength(length)}</th>`)}</tr></thead>
<tbody>${rows.map(
    ({ series: one, values }) => html`
<tr data-variant="${placeOf(one, variants)}"><th scope="row" class="text">${one.label}</th>${values.map(
      ({ perLayer, sequential, path }) =>
        html`<td>${perLayer}<span class="gain">${sequential} · ${path}</span></td>`,
    )}</tr>`,
  )}</tbody>
</table>`,
)}
`;
}

/** One way a line, and below them what the letters stand for that are not known yet. */
function formulas(cells: readonly TableCell[], known: Letters = {}): Html {
  const letters = lettersText(cells, known);
  return html`<td class="formula">${waysText(cells).map((way) => html`<span class="way">${way}</span>`)}${letters === "" ? "" : html`<span class="gain">${letters}</span>`}</td>`;
}
