import type { Comparison } from "../../compare/comparison.ts";
import type { NamedCell } from "./cell-names.ts";
import {
  cellChange,
  cellMeanChange,
  detectableText,
  intervalText,
  meanSightText,
  secondsText,
} from "./change-text.ts";
import { verdictWord } from "./verdicts.ts";

/** What every table says about a cell, one column each, in order. */
export const CELL_COLUMNS = ["base", "head", "change", "interval", "could see", "verdict"] as const;

/** What they say about its mean. */
export const MEAN_COLUMNS = ["mean", "mean could see"] as const;

export type CellColumn = (typeof CELL_COLUMNS)[number] | (typeof MEAN_COLUMNS)[number];

/** The texts of a cell's columns. A change that was not detected is shown as `~`. */
export function cellTexts(
  { cell }: NamedCell,
  kind: Comparison["kind"],
): Readonly<Record<CellColumn, string>> {
  return {
    base: secondsText(cell.base_s),
    head: secondsText(cell.head_s),
    change: cellChange(cell),
    interval: intervalText(cell.time),
    "could see": detectableText(cell.detectable),
    verdict: verdictWord(kind, cell.verdict),
    mean: cellMeanChange(cell),
    "mean could see": meanSightText(cell),
  };
}

/** A note with the names of the cells it applies to. */
export interface SharedNote {
  readonly note: string;
  readonly names: readonly string[];
}

/** The notes on cells, each once, in order of first appearance. */
export function sharedNotes(cells: readonly NamedCell[]): readonly SharedNote[] {
  const noted = cells.flatMap(({ cell: { note }, name }) => (note === null ? [] : [{ note, name }]));
  return [...Map.groupBy(noted, ({ note }) => note)].map(([note, alike]) => ({
    note,
    names: alike.map(({ name }) => name),
  }));
}
