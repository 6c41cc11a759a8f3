import type { Comparison } from "../../compare/comparison.ts";
import { type Html, html } from "../../text/html.ts";
import { shortName } from "../../text/labels.ts";
import { scroll } from "../page/scroll.ts";
import { cellTexts } from "./cell-columns.ts";
import type { NamedCell } from "./cell-names.ts";
import type { SideTable } from "./side-tables.ts";
import { isDetected, VERDICTS } from "./verdicts.ts";

/** One row per cell. Columns of numbers say the number that they are sorted by, empty if it is missing. */
export function cellTable(cells: readonly NamedCell[], kind: Comparison["kind"]): Html {
  const noted = cells.some(({ cell }) => cell.note !== null);
  const count = kind === "gate" ? "blocks" : "rounds";
  const numbers = ["change", "interval", "could see", "mean", "mean could see", "base", "head", count];
  return html`<table class="sortable">
<thead><tr>${head("cell", true)}${head("length")}${head("verdict", true)}${numbers.map((name) => head(name))}${head("kernel", true)}${noted ? head("note", true) : ""}</tr></thead>
<tbody>${cells.map((named) => cellRow(named, kind, noted))}</tbody>
</table>`;
}

/** The verdict is placed where a narrow screen shows it. */
function cellRow(named: NamedCell, kind: Comparison["kind"], noted: boolean): Html {
  const { cell, variant, kernel, length } = named;
  const { verdict, medianVerdict, mean, time, detectable, note } = cell;
  const texts = cellTexts(named, kind);
  // What was not detected has no size to sort by.
  const change = isDetected(medianVerdict) ? time.ratio : null;
  const ofMean = mean !== null && isDetected(mean.verdict) ? mean.time.ratio : null;
  const width = time.low === null || time.high === null ? null : time.high / time.low;
  return html`
<tr><th scope="row" class="text name">${variant}</th>${number(cell.length, length)}<td class="text ${verdict}" data-sort="${VERDICTS.indexOf(verdict)}">${texts.verdict}</td>${[
    number(change, texts.change),
    number(width, texts.interval),
    number(detectable, texts["could see"]),
    number(ofMean, texts.mean),
    number(mean?.detectable ?? null, texts["mean could see"]),
    number(cell.base_s, texts.base),
    number(cell.head_s, texts.head),
    number(cell.count, `${cell.count}`),
  ]}<td class="text">${kernel}</td>${noted ? html`<td class="text long">${shortName(note ?? "", 300)}</td>` : ""}</tr>`;
}

/** What heads mean that do not say it themselves. */
const TITLES: Readonly<Record<string, string | undefined>> = {
  change: "Time of head over that of base; ~ if no change was detected.",
  interval: "Of the change, 95 %.",
  "could see": "The smallest slow-down that would have been seen 9 times in 10.",
  mean: "The change of the mean of all calls.",
  "mean could see": "The smallest slow-down of the mean, by costs on at least one call in so many.",
};

/** A head of a column of words or numbers. */
export function head(name: string, isText = false): Html {
  const title = TITLES[name];
  return html`<th scope="col"${isText ? html` class="text"` : ""}${title === undefined ? "" : html` title="${title}"`}>${name}</th>`;
}

/** A cell of a column of numbers, with the number that it is sorted by; null if it is missing. */
export function number(key: number | null, text: string, tone = ""): Html {
  return html`<td${tone === "" ? "" : html` class="${tone}"`} data-sort="${key === null || !Number.isFinite(key) ? "" : String(key)}">${text}</td>`;
}

/** A table of what is said besides the times. */
export function sideTable({ title, heads, rows, numbers, words }: SideTable): Html {
  const firstNumber = heads.length - numbers - words;
  const isText = (column: number) => column < firstNumber || column >= firstNumber + numbers;
  const table = html`<table class="sortable">
<thead><tr>${heads.map((name, column) => head(name, isText(column)))}</tr></thead>
<tbody>${rows.map(
    ([name, ...cells]) => html`
<tr><th scope="row" class="text name">${name}</th>${cells.map((text, column) => (isText(column + 1) ? html`<td class="text long">${shortName(text, 500)}</td>` : html`<td>${text}</td>`))}</tr>`,
  )}</tbody>
</table>`;
  return scroll(title.toLowerCase(), table);
}
