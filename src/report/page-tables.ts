import { formatLength } from "../core/format.ts";
import { cellOf } from "./cell.ts";
import { growthOf, power } from "./growth.ts";
import { type Html, html } from "./html.ts";
import { type PageVariant, placeOf } from "./page-variants.ts";
import { lengthsOf, rowAt, type Series } from "./series.ts";

/** Series by length: the median with the interval's half width, and below it the speed-up. */
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

/** Series by exponent: fitted on time and on work, and declared. */
export function growthTable(series: readonly Series[], variants: readonly PageVariant[]): Html {
  return html`<table>
<thead><tr><th scope="col" class="text">variant</th><th scope="col">fitted on time</th><th scope="col">95 % interval</th><th scope="col">fitted on work</th><th scope="col">declared</th></tr></thead>
<tbody>${series.map(growthOf).map(
    ({ series: one, time, work, declared }) => html`
<tr data-variant="${placeOf(one, variants)}"><th scope="row" class="text">${one.label}</th><td>${time === null ? "–" : power(time.slope)}</td><td>${time === null ? "–" : `${time.low.toFixed(2)} to ${time.high.toFixed(2)}`}</td><td>${work === null ? "–" : power(work.slope)}</td><td>N^${declared}</td></tr>`,
  )}</tbody>
</table>`;
}
