import { isBaseline } from "../../record/schema/baseline.ts";
import { formatLength, formatRatio, formatSeconds } from "../../text/format.ts";
import { type Html, html } from "../../text/html.ts";
import type { Series } from "../series.ts";
import { type Winner, winnersOf } from "../winners.ts";
import { type Words, wordsFor } from "../words.ts";
import { type PageVariant, placeOf, symbol } from "./variants.ts";

/** The fastest at each length, one column per length; one table per setting. */
export function winnerTables(series: readonly Series[], variants: readonly PageVariant[]): readonly Html[] {
  return [...winnersOf(series)]
    .filter(([, winners]) => winners.length > 0)
    .map(([setting, winners]) => winnerTable(setting, winners, variants, wordsFor(series)));
}

function winnerTable(
  setting: string,
  winners: readonly Winner[],
  variants: readonly PageVariant[],
  { length: over, baseline }: Words,
): Html {
  const gains = winners.some(({ speedUp }) => speedUp !== null);
  const gain = ({ series: [first], speedUp }: Winner) =>
    speedUp === null || isBaseline(first) ? "–" : formatRatio(speedUp.ratio);
  return html`<table class="winners">${setting === "" ? "" : html`<caption>${setting}</caption>`}
<thead><tr><th scope="col" class="text">${over}</th>${winners.map(({ length }) => html`<th scope="col">${formatLength(length)}</th>`)}</tr></thead>
<tbody>
<tr><th scope="row" class="text">fastest</th>${winners.map(({ series }) => html`<td class="names">${names(series, variants)}</td>`)}</tr>
<tr><th scope="row" class="text">its time</th>${winners.map(({ row }) => html`<td>${formatSeconds(row.median_s)}</td>`)}</tr>
${gains ? html`<tr><th scope="row" class="text">over ${baseline}</th>${winners.map((winner) => html`<td>${gain(winner)}</td>`)}</tr>` : ""}
</tbody></table>`;
}

/** If times cannot be told apart, each name is on its own line; if there are many, the rest is counted. */
function names(series: readonly Series[], variants: readonly PageVariant[]): Html {
  const named = series.slice(0, series.length > MOST ? MOST - 1 : MOST);
  const rest = series.length - named.length;
  return html`${named.map(
    (one) => html`<span class="name">${symbol(variants[placeOf(one, variants)].look)} ${one.label}</span>`,
  )}${rest > 0 ? html`<span class="name">or ${rest} more</span>` : ""}`;
}

/** Series named before the rest is counted. */
const MOST = 4;
