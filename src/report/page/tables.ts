import { formatLength } from "../../text/format.ts";
import { type Html, html } from "../../text/html.ts";
import { exponentText, type Growth, growthOverRounds, isHiddenQuadratic, power } from "../growth.ts";
import type { RoundTimes } from "../round-medians.ts";
import { lengthsOf, rowAt, type Series } from "../series.ts";
import { cellOf } from "../tables/cell.ts";
import { type PageVariant, placeOf } from "./variants.ts";

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

/** Series by exponent: fitted on time and on work over all lengths and over the upper half, and declared. */
export function growthTable(
  series: readonly Series[],
  variants: readonly PageVariant[],
  times: RoundTimes,
): Html {
  const heads = ["fitted on time", "on work", "upper half", "on time", "on executed work", "declared"];
  return html`<table>
<thead><tr><th scope="col" class="text">variant</th>${heads.map((head) => html`<th scope="col">${head}</th>`)}<th scope="col" class="text">verdict</th></tr></thead>
<tbody>${series.map((one) => growthRow(growthOverRounds(one, times), placeOf(one, variants)))}</tbody>
</table>`;
}

function growthRow(growth: Growth, variant: number): Html {
  const { series, time, work, upper, declared } = growth;
  const cells = [
    time === null ? "–" : exponentText(time),
    work === null ? "–" : power(work.slope),
    upper === null ? "–" : `${formatLength(upper.from)} to ${formatLength(upper.to)}`,
    upper === null ? "–" : exponentText(upper.time),
    upper === null || upper.work === null ? "–" : power(upper.work),
    `N^${declared}`,
  ];
  const steep = isHiddenQuadratic(growth);
  return html`
<tr data-variant="${variant}"><th scope="row" class="text">${series.label}</th>${cells.map((cell) => html`<td>${cell}</td>`)}<td class="text${steep ? " failed" : ""}">${time === null ? "no fit" : steep ? "steeper than declared" : "not steeper"}</td></tr>`;
}
