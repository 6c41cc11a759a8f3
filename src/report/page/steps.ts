import type { MediansByCase } from "../../stats/round-medians.ts";
import { formatLength } from "../../text/format.ts";
import { type Html, html } from "../../text/html.ts";
import type { Series } from "../series.ts";
import { FAIR_NOTE, fairTable, PAPER_NOTE } from "../tables/fair-table.ts";
import { tokenExponentText, tokenGrowth } from "../token-growth.ts";
import { scroll } from "./scroll.ts";
import { type PageVariant, placeOf } from "./variants.ts";

/**
 * What a text takes against softmax, and how the time of a token grows with its position: the section of
 * steps.
 */
export function stepGrowth(
  series: readonly Series[],
  variants: readonly PageVariant[],
  times: MediansByCase,
): Html {
  return html`${fairSection(series, variants)}
<h3>Growth per token</h3>
<p class="note">Least-squares exponents of position P with 95 % intervals. If the keys of a token stop growing, as past a window, the fit begins there.</p>
${scroll("growth per token", tokenGrowthTable(series, variants, times))}`;
}

/** The fair and the unfair ratio to softmax, side by side; nothing if no ratio is known. */
function fairSection(series: readonly Series[], variants: readonly PageVariant[]): Html {
  const table = fairTable(series);
  if (table === null) return html``;
  const { tokens, rows } = table;
  return html`<h3>Generating N tokens: the unfair and the fair ratio to softmax</h3>
<p class="note">${FAIR_NOTE}</p>
${scroll(
  "the unfair and the fair ratio to softmax",
  html`<table>
<thead><tr><th scope="col" class="text">variant</th><th scope="col" class="text">over</th>${tokens.map((count) => html`<th scope="col">${formatLength(count)}</th>`)}</tr></thead>
<tbody>${rows.map(
    ({ series: one, name, over, cells }) => html`
<tr${one === null ? "" : html` data-variant="${placeOf(one, variants)}"`}><th scope="row" class="text">${name}</th><td class="text">${over}</td>${cells.map(
      ({ ratio, interval }) =>
        html`<td>${ratio}${interval === "" ? "" : html`<span class="gain">${interval}</span>`}</td>`,
    )}</tr>`,
  )}</tbody>
</table>`,
)}
<p class="note">${PAPER_NOTE}</p>`;
}

/** How the time of a token grows with its position, fitted past a window's end if there is one. */
function tokenGrowthTable(
  series: readonly Series[],
  variants: readonly PageVariant[],
  times: MediansByCase,
): Html {
  const line = (one: Series): Html => {
    const { time, from, declared } = tokenGrowth(one, times);
    return html`
<tr data-variant="${placeOf(one, variants)}"><th scope="row" class="text">${one.label}</th><td>${time === null ? "–" : tokenExponentText(time)}</td><td>${from === null ? "all" : `from ${formatLength(from)}`}</td><td>P^${declared}</td></tr>`;
  };
  return html`<table>
<thead><tr><th scope="col" class="text">variant</th><th scope="col">fitted on time</th><th scope="col">positions</th><th scope="col">declared</th></tr></thead>
<tbody>${series.map(line)}</tbody>
</table>`;
}
