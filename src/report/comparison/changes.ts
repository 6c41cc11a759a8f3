import type { Comparison } from "../../compare/comparison.ts";
import { type Html, html } from "../../text/html.ts";
import { shortName } from "../../text/labels.ts";
import { markdown } from "../../text/markdown.ts";
import { scroll } from "../page/scroll.ts";
import type { Detail, TopicResults } from "../topics/topic.ts";
import { type NamedCell, namedCells } from "./cell-names.ts";
import { changeText, detectableText, intervalText, secondsText, UNDETECTED } from "./change-text.ts";
import { head, number } from "./page-tables.ts";
import { byWeight, decisiveTime, isDetected, isOfMean, VERDICTS, verdictWord } from "./verdicts.ts";

/** What is said about a cell in the measure that its verdict is based on. */
interface Change {
  readonly base_s: number;
  readonly head_s: number;
  readonly detectable: number | null;
  /** `+5.2 %`, with `mean` behind it if only the mean has changed. */
  readonly text: string;
  readonly interval: string;
}

/** A cell that changed, or may have. */
export function changeOf({ cell }: NamedCell): Change {
  const { base_s, head_s, detectable } = cell.mean !== null && isOfMean(cell) ? cell.mean : cell;
  const time = decisiveTime(cell);
  const text = isDetected(cell.verdict) ? changeText(time.ratio) : UNDETECTED;
  return {
    base_s,
    head_s,
    detectable,
    text: isOfMean(cell) ? `${text} mean` : text,
    interval: intervalText(time),
  };
}

/** The cells that changed, the weightiest first. */
export function changedCells({ cells }: Pick<Comparison, "cells">): readonly NamedCell[] {
  return byWeight(namedCells(cells)).filter(({ cell }) => isDetected(cell.verdict));
}

/**
 * A table of cells that changed, or may have: one row each, in the measure that its verdict is based on. `placeOf` is the
 * place of a cell's series in a report, by which conditions hide its rows; undefined if it has none.
 */
export function changesTable(
  cells: readonly NamedCell[],
  kind: Comparison["kind"],
  placeOf: (name: string) => number | undefined = () => undefined,
): Html {
  const kernels = new Set(cells.map(({ kernel }) => kernel)).size > 1;
  const noted = cells.some(({ cell }) => cell.note !== null);
  const rows = cells.map((named) => {
    const { cell, variant, kernel, length } = named;
    const { base_s, head_s, detectable, text, interval } = changeOf(named);
    const { ratio, low, high } = decisiveTime(cell);
    const place = placeOf(cell.case);
    return html`
<tr${place === undefined ? "" : html` data-series="${place}"`}><th scope="row" class="text name">${variant}</th>${[
      number(cell.length, length),
      number(isDetected(cell.verdict) ? ratio : null, text, cell.verdict),
      number(low === null || high === null ? null : high / low, interval),
    ]}<td class="text ${cell.verdict}" data-sort="${VERDICTS.indexOf(cell.verdict)}">${verdictWord(kind, cell.verdict)}</td>${[
      number(base_s, secondsText(base_s)),
      number(head_s, secondsText(head_s)),
      number(detectable, detectableText(detectable)),
    ]}${kernels ? html`<td class="text">${kernel}</td>` : ""}${noted ? html`<td class="why">${shortName(cell.note ?? "", 300)}</td>` : ""}</tr>`;
  });
  const heads = [
    head("variant", true),
    ...["length", "change", "interval"].map((name) => head(name)),
    head("verdict", true),
    ...["base", "head", "could see"].map((name) => head(name)),
    ...(kernels ? [head("kernel", true)] : []),
    ...(noted ? [head("note", true)] : []),
  ];
  return html`<table class="sortable">
<thead><tr>${heads}</tr></thead>
<tbody>${rows}</tbody>
</table>`;
}

/** The most rows of a report's table of changes. */
const MOST = 100;

/** The cells that changed, to unfold in a report; none if none changed. */
export function changesDetail(comparison: Comparison, { parts, placeOf }: TopicResults): readonly Detail[] {
  const changed = changedCells(comparison);
  if (changed.length === 0) return [];
  const cells = changed.slice(0, MOST);
  const places = new Map(
    parts.flat().flatMap((series) => series.rows.map((row) => [row.case, placeOf(series)] as const)),
  );
  const more = changed.length - cells.length;
  const note = more === 0 ? "" : `The ${MOST} that matter most; attnbench compare lists the other ${more}.`;
  return [
    {
      title: `What changed: ${changed.length}`,
      page: html`${scroll(
        "what changed",
        changesTable(cells, comparison.kind, (name) => places.get(name)),
      )}${note === "" ? "" : html`<p class="note">${note}</p>`}`,
      summary: markdown`| case | change | interval | base | head | verdict |
|---|---:|---:|---:|---:|---|
${cells.map((named) => {
  const { text, interval, base_s, head_s } = changeOf(named);
  const verdict = verdictWord(comparison.kind, named.cell.verdict);
  return markdown`| ${named.name} | ${text} | ${interval} | ${secondsText(base_s)} | ${secondsText(head_s)} | ${verdict} |\n`;
})}
${note === "" ? "" : markdown`${note}\n\n`}`,
    },
  ];
}
