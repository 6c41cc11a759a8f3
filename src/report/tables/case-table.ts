import type { CaseRow } from "../../record/case-row.ts";
import { isBaseline, variantInMode } from "../../record/schema/baseline.ts";
import { isWorseThanMean } from "../../record/schema/beside-mean.ts";
import { formatLength, formatRatio, formatSeconds } from "../../text/format.ts";
import { type Html, html } from "../../text/html.ts";
import { shortName } from "../../text/labels.ts";
import { againstOf, isAgainstFull } from "../against.ts";
import { sortText } from "../page/sort-text.ts";
import { partOf } from "../parts.ts";
import type { Series } from "../series.ts";
import { isTimed, speedUp } from "../speed-up.ts";
import { type Words, wordsFor } from "../words.ts";
import type { LimitCells } from "./limit-cells.ts";

/**
 * Every case with all that is known about it; if it has no time, why. Cells of numbers say the number that
 * they are sorted by, empty if it is missing.
 */
export function caseTable(series: readonly Series[], placeOf: (series: Series) => number): Html {
  const words = wordsFor(series);
  const { limits, facts } = partOf(series);
  const rows = series.flatMap((one) => one.rows);
  const told = PARTS.filter(({ of }) => rows.some((row) => of(row) !== undefined)).map(partCells);
  const known: LimitCells = Object.assign({}, limits, facts, ...told);
  const settings = series.some((one) => one.setting !== "");
  const texts = ["variant", "kernel", ...(settings ? ["setting"] : []), "parameters"];
  const place = (one: Series) => html` data-series="${placeOf(one)}"`;
  return html`<table class="sortable">
<thead><tr>${texts.map((head) => html`<th scope="col" class="text">${head}</th>`)}${[words.length, ...timingHeads(words), ...Object.keys(known), ...Object.keys(checks)].map(head)}</tr></thead>
${series.map((one) => html`<tbody>${one.rows.map((row) => caseLine(one, row, settings, place(one), known))}</tbody>`)}
</table>`;
}

/** The head of a column of numbers, which are downloaded in their unit, and none of an interval, which is two. */
function head(text: string): Html {
  const unit = text === INTERVAL ? "" : html` data-unit="${UNITS[text] ?? ""}"`;
  return html`<th scope="col"${unit}>${text}</th>`;
}

const INTERVAL = "95 % interval";

/** The units of the numbers of columns, by their heads; the others are plain numbers and shares. */
const UNITS: Readonly<Record<string, string>> = {
  median: "s",
  prefill: "s",
  prepare: "s",
  "first prepare": "s",
  "of which choosing": "s",
  "of which projections": "s",
  "of which on the device": "s",
  state: "B",
  saved: "B",
  "bytes per token": "B",
  "of ceiling": "%",
  "of bandwidth": "%",
};

function caseLine(series: Series, row: CaseRow, settings: boolean, place: Html, known: LimitCells): Html {
  const numbers = Object.values({ ...known, ...checks }).map(({ value, format, remark }) =>
    number(value(row), format, remark?.(row) ?? null),
  );
  return html`
<tr${place}><th scope="row" class="text">${variantInMode(shortName(row.variant), row)}</th><td class="text">${shortName(row.kernel)}</td>${settings ? html`<td class="text">${series.setting}</td>` : ""}<td class="text parameters">${parameters(row)}</td>${number(row.length, formatLength)}${timing(series, row)}${numbers}</tr>`;
}

function timingHeads({ baseline }: Pick<Words, "baseline">): readonly string[] {
  return ["median", INTERVAL, `over ${baseline}`, "rounds", "samples"];
}

const TIMING_CELLS = 5;

function timing(series: Series, row: CaseRow): readonly Html[] {
  if (row.outcome !== "measured") {
    return [
      html`<td class="why" colspan="${TIMING_CELLS}"><span class="${row.outcome}">${row.outcome}</span>: ${row.reason ?? "no reason given"}</td>`,
    ];
  }
  const { low_s: low, high_s: high } = row;
  const gain = isBaseline(row) ? null : speedUp(series, row.length);
  return [
    isTimed(row) ? number(row.median_s, formatSeconds) : cell(null, "no time"),
    // Sorted by its width against the time: the vaguest first or last.
    low === null || high === null || !isTimed(row)
      ? cell(null, "–")
      : cell((high - low) / row.median_s, `${formatSeconds(low)} – ${formatSeconds(high)}`),
    number(gain?.ratio ?? null, (ratio) => formatRatio(ratio)),
    number(row.rounds, String),
    number(row.samples, String),
  ];
}

/** What parts of a call some kernels time, in seconds per call; each is a column only where some kernel says. */
const PARTS: readonly Part[] = [
  { head: "of which choosing", of: ({ select_s }) => select_s },
  { head: "of which projections", of: ({ project_s }) => project_s },
  // Not beside a device's own clock, by which the median is already.
  { head: "of which on the device", of: ({ clock, device_s }) => (clock === "host" ? device_s : undefined) },
];

interface Part {
  readonly head: string;
  readonly of: (row: CaseRow) => number | undefined;
}

function partCells({ head, of }: Part): LimitCells {
  const remark = (row: CaseRow) => {
    const [part, whole] = [of(row), row.median_s];
    return part === undefined || whole === null || whole === 0
      ? null
      : `${Math.round((100 * part) / whole)} % of the median`;
  };
  return { [head]: { value: (row) => of(row) ?? null, format: seconds, remark } };
}

const checks: LimitCells = {
  prepare: { value: (row) => row.prepare_s, format: seconds },
  "first prepare": { value: (row) => row.first_prepare_s ?? null, format: seconds },
  "verification error": { value: (row) => row.gate_error, format: scientific },
  "its budget": { value: (row) => row.gate_budget, format: scientific },
  "fidelity error": {
    // What is measured against something else is not sorted among the others.
    value: (row) => (isAgainstFull(row) ? row.fidelity_error : null),
    format: scientific,
    remark: fidelityRemark,
  },
  "mean of v": { value: (row) => row.mean_fidelity_error ?? null, format: scientific },
};

function fidelityRemark(row: CaseRow): string | null {
  const worse = isWorseThanMean(row) ? "worse than the mean of v" : "";
  const other =
    row.fidelity_error === null || isAgainstFull(row)
      ? ""
      : `${scientific(row.fidelity_error)} against ${againstOf(row)}`;
  return [other, worse].filter(Boolean).join(", ") || null;
}

function seconds(value: number): string {
  return formatSeconds(value);
}

function number(value: number | null, format: (value: number) => string, remark: string | null = null): Html {
  return cell(value, value === null ? "–" : format(value), remark);
}

function cell(key: number | null, text: string, remark: string | null = null): Html {
  const below = remark === null ? "" : html`<span class="gain">${remark}</span>`;
  return html`<td data-sort="${key === null ? "" : sortText(key)}">${text}${below}</td>`;
}

function parameters({ params }: CaseRow): string {
  const list = Object.entries(params).map(([name, value]) => `${shortName(name)}=${value ?? "none"}`);
  return list.length === 0 ? "–" : list.join(" ");
}

function scientific(value: number): string {
  return value >= 0.001 && value < 1000 ? value.toPrecision(2) : value.toExponential(1);
}
