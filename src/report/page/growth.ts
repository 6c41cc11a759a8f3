import type { MediansByCase } from "../../stats/round-medians.ts";
import { formatLength } from "../../text/format.ts";
import { type Html, html } from "../../text/html.ts";
import { exponentText, type Growth, growthOverRounds, isHiddenQuadratic, power } from "../growth.ts";
import type { Series } from "../series.ts";
import { scroll } from "./scroll.ts";
import { type PageVariant, placeOf } from "./variants.ts";

/** How time grows with length: the section of passes. */
export function passGrowth(
  series: readonly Series[],
  variants: readonly PageVariant[],
  times: MediansByCase,
): Html {
  return html`<h3>Growth</h3>
<p class="note">Least-squares exponents of length with 95 % intervals, over all lengths and over the longest half of them, where a term hidden at first shows; no fit from fewer than four lengths.</p>
${scroll("growth", growthTable(series, variants, times))}`;
}

/** Series by exponent: fitted on time and on work over all lengths and over the upper half, and declared. */
function growthTable(
  series: readonly Series[],
  variants: readonly PageVariant[],
  times: MediansByCase,
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
