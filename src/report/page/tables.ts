import { formatLength } from "../../text/format.ts";
import { type Html, html } from "../../text/html.ts";
import { lengthsOf, rowAt, type Series } from "../series.ts";
import { cellOf } from "../tables/cell.ts";
import { type PageVariant, placeOf } from "./variants.ts";

/** Series by length: the median with half the interval's width, and below it the speed-up. */
export function overviewTable(series: readonly Series[], variants: readonly PageVariant[]): Html {
  const lengths = lengthsOf(series);
  return html`<table>
<thead><tr><th scope="col" class="text">variant</th>${lengths.map((length) => html`<th scope="col">${formatLength(length)}</th>`)}</tr></thead>
<tbody>${series.map(
    (one) => html`
<tr data-variant="${placeOf(one, variants)}"><th scope="row" class="text">${one.label}</th>${lengths.map((length) => overviewCell(one, length))}</tr>`,
  )}</tbody>
</table>`;
}

function overviewCell(series: Series, length: number): Html {
  const { time, speedUp } = cellOf(series, length);
  const outcome = rowAt(series, length)?.outcome ?? "skipped";
  return html`<td class="${outcome}">${time}${speedUp === "" ? "" : html`<span class="gain">${speedUp}</span>`}</td>`;
}
