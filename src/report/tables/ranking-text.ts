import type { Results } from "../../record/case-row.ts";
import { cutName } from "../../text/cut-text.ts";
import { type Column, textColumns, widthOf } from "../../text/text-columns.ts";
import { entriesOf } from "../ranking/entries.ts";
import type { Entry } from "../ranking/entry.ts";
import { usualLength } from "../ranking/lengths.ts";
import { rankingAt } from "../ranking/ranking-at.ts";
import { type ColumnId, rankingAnswer, rankingTable, unrankedTexts } from "../ranking/table.ts";
import { baselineOf } from "../series.ts";
import { unitsIn } from "../units.ts";
import { wordsOver } from "../words.ts";

/** Columns that a narrow terminal goes without, the first first: reports have them. */
const DISPENSABLE: readonly ColumnId[] = ["state", "growth", "memory", "saved", "error"];

/**
 * What ends a run: the fastest at the longest length, and below it every variant there, with how much faster than the
 * baseline it is, from where on, and how its time grows. Lines of the table are at most `width` characters long.
 */
export function rankingText(results: Results, width = 100): string {
  const entries = entriesOf(results);
  if (entries.length === 0) return "no case was run";
  return unitsIn(results)
    .map((unit) => {
      const ofUnit = entries.filter((entry) => entry.unit === unit);
      return unitText(ofUnit, wordsOver(baselineOf(results.rows))[unit].baseline, width);
    })
    .join("\n\n");
}

function unitText(entries: readonly Entry[], baseline: string, width: number): string {
  const length = usualLength(entries);
  if (length === null) return "nothing was measured";
  const ranking = rankingAt(entries, length);
  const { heads, rows } = rankingTable(ranking, baseline);
  const limit = Math.max(8, Math.floor(width / 3));
  const names: Column = {
    head: "variant",
    cells: rows.map(({ ranked }) => cutName(ranked.entry.label, limit)),
  };
  const columns = heads.map(({ id, text }, index) => {
    const cells = rows.map(({ cells: all }) => [all[index].text, all[index].more].filter(Boolean).join(" "));
    return { id, head: text, cells };
  });
  const left = unrankedTexts(ranking).map((text) => cutName(`not ranked: ${text}`, width));
  return [
    rankingAnswer(ranking, baseline),
    "",
    ...textColumns(names, fitting(names, columns, width), width),
    ...left,
  ].join("\n");
}

function fitting(
  names: Column,
  columns: readonly (Column & { readonly id: ColumnId })[],
  width: number,
): readonly Column[] {
  const kept = [...DISPENSABLE.keys(), DISPENSABLE.length].map((omitted) =>
    columns.filter(({ id }) => !DISPENSABLE.slice(0, omitted).includes(id)),
  );
  return kept.find((some) => widthOf([names, ...some]) <= width) ?? kept[kept.length - 1];
}
