import { BASELINE } from "../core/baseline.ts";
import { formatLength, formatRatio, formatSeconds } from "../core/format.ts";
import type { CaseRow } from "../record/case-row.ts";
import { cellOf } from "./cell.ts";
import { growthOf, power } from "./growth.ts";
import { type Html, html } from "./html.ts";
import { limitCells } from "./limit-cells.ts";
import { lengthsOf, rowAt, type Series, shortName } from "./series.ts";
import { isTimed, speedUp } from "./speed-up.ts";

/** Series by length: the median with the interval's half width, and below it the speed-up. */
export function overviewTable(series: readonly Series[]): Html {
  const lengths = lengthsOf(series);
  return html`<table>
<thead><tr><th scope="col" class="text">variant</th>${lengths.map((length) => html`<th scope="col">${formatLength(length)}</th>`)}</tr></thead>
<tbody>${series.map(
    (one) => html`
<tr><th scope="row" class="text">${one.label}</th>${lengths.map((length) => overviewCell(one, length))}</tr>`,
  )}</tbody>
</table>`;
}

function overviewCell(series: Series, length: number): Html {
  const { time, speedUp } = cellOf(series, length);
  const outcome = rowAt(series, length)?.outcome ?? "skipped";
  return html`<td class="${outcome}">${time}${speedUp === "" ? "" : html`<span class="gain">${speedUp}</span>`}</td>`;
}

/** Series by exponent: fitted on time and on work, and declared. */
export function growthTable(series: readonly Series[]): Html {
  return html`<table>
<thead><tr><th scope="col" class="text">variant</th><th scope="col">fitted on time</th><th scope="col">95 % interval</th><th scope="col">fitted on work</th><th scope="col">declared</th></tr></thead>
<tbody>${series.map(growthOf).map(
    ({ series: { label }, time, work, declared }) => html`
<tr><th scope="row" class="text">${label}</th><td>${time === null ? "–" : power(time.slope)}</td><td>${time === null ? "–" : `${time.low.toFixed(2)} to ${time.high.toFixed(2)}`}</td><td>${work === null ? "–" : power(work.slope)}</td><td>N^${declared}</td></tr>`,
  )}</tbody>
</table>`;
}

/** Every case with all that is known of it; where it has no time, why. */
export function caseTable(series: readonly Series[]): Html {
  const settings = series.some((one) => one.setting !== "");
  const heads = ["length", "median", "95 % interval", `over ${BASELINE}`, "rounds", "samples"];
  const limits = Object.keys(limitCells);
  const checks = ["prepare", "gate error", "its budget", "fidelity error"];
  return html`<table>
<thead><tr>${["variant", "kernel", ...(settings ? ["setting"] : []), "parameters"].map((head) => html`<th scope="col" class="text">${head}</th>`)}${[...heads, ...limits, ...checks].map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
${series.map((one) => html`<tbody>${one.rows.map((row) => caseLine(one, row, settings))}</tbody>`)}
</table>`;
}

function caseLine(series: Series, row: CaseRow, settings: boolean): Html {
  return html`
<tr><th scope="row" class="text">${shortName(row.variant)}</th><td class="text">${shortName(row.kernel)}</td>${settings ? html`<td class="text">${series.setting}</td>` : ""}<td class="text parameters">${parameters(row)}</td><td>${formatLength(row.length)}</td>${timing(series, row)}${Object.values(limitCells).map((cell) => html`<td>${cell(row)}</td>`)}<td>${row.prepare_s === null ? "–" : formatSeconds(row.prepare_s)}</td><td>${scientific(row.gate_error)}</td><td>${scientific(row.gate_budget)}</td><td>${scientific(row.fidelity_error)}</td></tr>`;
}

function timing(series: Series, row: CaseRow): Html {
  if (row.outcome !== "measured") {
    return html`<td class="why" colspan="5"><span class="${row.outcome}">${row.outcome}</span>: ${row.reason ?? "no reason given"}</td>`;
  }
  const gain = row.variant === BASELINE ? null : speedUp(series, row.length);
  const interval =
    row.low_s === null || row.high_s === null
      ? "–"
      : `${formatSeconds(row.low_s)} – ${formatSeconds(row.high_s)}`;
  return html`<td>${isTimed(row) ? formatSeconds(row.median_s) : "no time"}</td><td>${interval}</td><td>${gain === null ? "–" : formatRatio(gain.ratio)}</td><td>${row.rounds}</td><td>${row.samples}</td>`;
}

function parameters({ params }: CaseRow): string {
  const list = Object.entries(params).map(([name, value]) => `${shortName(name)}=${value ?? "none"}`);
  return list.length === 0 ? "–" : list.join(" ");
}

function scientific(value: number | null): string {
  if (value === null) return "–";
  return value >= 0.001 && value < 1000 ? value.toPrecision(2) : value.toExponential(1);
}
