import type { Comparison } from "../../compare/comparison.ts";
import { cellsIn } from "../../text/change-counts.ts";
import { countText } from "../../text/count-text.ts";
import { cutName } from "../../text/cut-text.ts";
import { shortName } from "../../text/labels.ts";
import { type Column, textColumns, widthOf } from "../../text/text-columns.ts";
import { answerOf } from "./answer.ts";
import { CELL_COLUMNS, cellTexts, sharedNotes } from "./cell-columns.ts";
import { type NamedCell, namedCells } from "./cell-names.ts";
import {
  cellMeanChange,
  detectableText,
  intervalText,
  meanChange,
  secondsText,
  shareText,
} from "./change-text.ts";
import { changeOf } from "./changes.ts";
import {
  differenceTable,
  groupTable,
  oneSidedTable,
  type SideTable,
  sideText,
  workTable,
} from "./side-tables.ts";
import { comparisonTrust, machineText } from "./trust.ts";
import { byWeight, isDetected, verdictCounts, verdictWord } from "./verdicts.ts";

/**
 * A comparison for the terminal: the verdict, what was compared, and what changed, weightiest first, a few rows of each;
 * with `every` one row a cell, its means and the settings that differ too, and nothing is omitted. Lines of the tables are at
 * most `width` characters long if that leaves room for a name and a number.
 */
export function comparisonText(comparison: Comparison, every: boolean, width = 100): string {
  const { remarks } = comparison;
  const most = every ? Number.POSITIVE_INFINITY : MOST;
  const blocks = [
    [...verdictLines(comparison), ...comparedLines(comparison)],
    ...(every ? everyCell(comparison, width) : changedOnes(comparison, width)),
    meanLines(comparison),
    columnLines(groupTable(comparison), width, Number.POSITIVE_INFINITY),
    columnLines(workTable(comparison), width, most),
    proseLines(oneSidedTable(comparison), ([name, side, why]) => `${name}: only in ${side}: ${why}`, most),
    every
      ? proseLines(
          differenceTable(comparison),
          ([field, before, after]) => `${field}: ${before} → ${after}`,
          most,
        )
      : [],
    remarks.map((remark) => `note: ${line(remark)}`),
    every ? [] : restLines(comparison),
  ];
  return quiet(blocks.flatMap((lines) => (lines.length === 0 ? [] : ["", ...lines])).slice(1)).join("\n");
}

/** Rows of each kind unless every one is asked for. */
const MOST = 16;

/** The outcome if there is one to tell, the answer, and what led to it. */
function verdictLines(comparison: Comparison): readonly string[] {
  const { outcome, reasons } = comparison;
  const verdict = outcome === "fine" ? [] : [`${outcome.charAt(0).toUpperCase()}${outcome.slice(1)}.`];
  return [[...verdict, ...answerOf(comparison)].join(" "), ...reasons.map((reason) => `  ${line(reason)}`)];
}

function comparedLines(comparison: Comparison): readonly string[] {
  const { sign, text } = comparisonTrust(comparison);
  return [
    "",
    `base: ${sideText(comparison.base)}`,
    `head: ${sideText(comparison.head)}`,
    `${machineText(comparison)}; ${sign} ${text}`,
  ];
}

function everyCell(comparison: Comparison, width: number): readonly (readonly string[])[] {
  const cells = byWeight(namedCells(comparison.cells));
  return [
    [verdictCounts(comparison), ...(cells.length === 0 ? [] : cellLines(cells, comparison, width))],
    meanTable(cells, width),
    sharedNotes(cells).map(({ note, names }) => `${line(note)}: ${names.join(", ")}`),
  ];
}

/** What changed; if nothing could be said, also what is not known. */
function changedOnes(comparison: Comparison, width: number): readonly (readonly string[])[] {
  const { kind, outcome, cells } = comparison;
  const told = byWeight(namedCells(cells)).filter(
    ({ cell: { verdict } }) =>
      isDetected(verdict) || (outcome === "inconclusive" && verdict === "unresolved"),
  );
  if (told.length === 0) return [];
  const rows = told.length > MOST ? heaviestOfEach(told) : told.map((named) => ({ named, alike: 1 }));
  const shown = rows.slice(0, MOST).map(({ named }) => named);
  const changes = shown.map((named) => ({
    ...changeOf(named),
    verdict: verdictWord(kind, named.cell.verdict),
  }));
  const columns: readonly Column[] = [
    { head: "change", cells: changes.map(({ text }) => text) },
    { head: "interval", cells: changes.map(({ interval }) => interval) },
    { head: "base", cells: changes.map(({ base_s }) => secondsText(base_s)) },
    { head: "head", cells: changes.map(({ head_s }) => secondsText(head_s)) },
    { head: "could see", cells: changes.map(({ detectable }) => detectableText(detectable)) },
    { head: "verdict", cells: changes.map(({ verdict }) => verdict) },
    ...(told.length > rows.length
      ? [{ head: "cells", cells: rows.slice(0, MOST).map(({ alike }) => `${alike}`) }]
      : []),
  ];
  return [
    [...placedColumns(shown, columns, { width, every: false }), ...moreLines(rows.length - shown.length)],
    sharedNotes(shown).map(({ note, names }) => `${line(note)}: ${namesText(names)}`),
  ];
}

/** Of the cells of a variant with the same verdict the weightiest, and how many they are. */
function heaviestOfEach(cells: readonly NamedCell[]) {
  const groups = Map.groupBy(cells, ({ variant, kernel, cell }) =>
    JSON.stringify([variant, kernel, cell.verdict]),
  );
  return [...groups.values()].map((alike) => ({ named: alike[0], alike: alike.length }));
}

/** Names of cells that share a note. */
const MOST_NAMED = 4;

function namesText(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  return `${names.slice(0, MOST_NAMED).join(", ")}${more > 0 ? `, ${more} more` : ""}`;
}

/** What `--table` has besides. */
function restLines({ cells, unlisted, differences }: Comparison): readonly string[] {
  const which = unlisted === undefined ? "all" : "those that changed most,";
  const parts = [
    ...(cells.length === 0 ? [] : [`${which} ${countText(cells.length, "cell")} with their means`]),
    ...(differences.length === 0 ? [] : [`${countText(differences.length, "difference")} of the two sides`]),
  ];
  return parts.length === 0 ? [] : [`--table lists ${parts.join(", and ")}`];
}

function moreLines(left: number): readonly string[] {
  return left > 0 ? [`… ${left} more: --table`] : [];
}

function cellLines(cells: readonly NamedCell[], { kind }: Comparison, width: number): readonly string[] {
  const texts = cells.map((cell) => cellTexts(cell, kind));
  const columns = CELL_COLUMNS.map((head) => ({ head, cells: texts.map((text) => text[head]) }));
  return placedColumns(cells, columns, { width, every: true });
}

/**
 * Columns behind those that say which cell it is, which are one where space is short. The kernel is said of `every` cell, or
 * if there are several.
 */
function placedColumns(
  cells: readonly NamedCell[],
  columns: readonly Column[],
  { width, every }: { readonly width: number; readonly every: boolean },
): readonly string[] {
  // Names may take a third of the width: the rest is for numbers.
  const limit = Math.max(12, Math.floor(width / 3));
  const variant = { head: "variant", cells: cells.map((one) => cutName(one.variant, limit)) };
  const place = [
    { head: "length", cells: cells.map(({ length }) => length) },
    ...(every || new Set(cells.map(({ kernel }) => kernel)).size > 1
      ? [{ head: "kernel", cells: cells.map(({ kernel }) => cutName(kernel, limit)) }]
      : []),
  ];
  if (widthOf([variant, ...place, ...columns]) <= width)
    return textColumns(variant, [...place, ...columns], width);
  // With several blocks each must say which cell it refers to.
  const name = { head: "cell", cells: cells.map((one) => cutInside(one.name, limit)) };
  return textColumns(name, columns, width);
}

/**
 * The means, one row per cell: a separate table, so that the one of the medians fits the width of a terminal.
 */
function meanTable(cells: readonly NamedCell[], width: number): readonly string[] {
  const held = cells.flatMap(({ cell, name }) =>
    cell.mean === null ? [] : [{ cell, mean: cell.mean, name }],
  );
  if (held.length === 0) return [];
  const columns = [
    { head: "base", cells: held.map(({ mean }) => secondsText(mean.base_s)) },
    { head: "head", cells: held.map(({ mean }) => secondsText(mean.head_s)) },
    { head: "change", cells: held.map(({ cell }) => cellMeanChange(cell)) },
    { head: "interval", cells: held.map(({ mean }) => intervalText(mean.time)) },
    { head: "could see", cells: held.map(({ mean }) => detectableText(mean.detectable)) },
    { head: "of costs on", cells: held.map(({ mean }) => `1 call in ${mean.calls}`) },
  ];
  const limit = Math.max(12, Math.floor(width / 3));
  const names = { head: "mean of all calls", cells: held.map(({ name }) => cutInside(name, limit)) };
  return textColumns(names, columns, width);
}

function meanLines(comparison: Comparison): readonly string[] {
  const { geometricMean, margin } = comparison;
  if (geometricMean === null) return [];
  const change = meanChange(geometricMean, margin);
  return [
    `geometric mean of ${countText(cellsIn(comparison), "cell")}: ${change} (${intervalText(geometricMean)}); ` +
      `less than ${shareText(margin)} is never called a change`,
  ];
}

function columnLines({ title, heads, rows: all }: SideTable, width: number, most: number): readonly string[] {
  if (all.length === 0) return [];
  const rows = all.slice(0, most);
  const limit = Math.max(12, Math.floor(width / 3));
  const [first, ...others]: readonly Column[] = heads.map((head, column) => ({
    head,
    cells: rows.map((row) => cutName(row[column], limit)),
  }));
  return [title.toLowerCase(), ...textColumns(first, others, width), ...moreLines(all.length - rows.length)];
}

function proseLines(
  { title, rows }: SideTable,
  text: (row: readonly string[]) => string,
  most: number,
): readonly string[] {
  if (rows.length === 0) return [];
  const shown = rows.slice(0, most).map((row) => `  ${text(row.map((cell) => line(cell)))}`);
  return [title.toLowerCase(), ...shown, ...moreLines(rows.length - shown.length)];
}

function line(text: string): string {
  return shortName(text, 500);
}

/**
 * A CI runner takes lines that begin with two colons, and `##[` anywhere, for commands: no name may form one.
 */
function quiet(lines: readonly string[]): readonly string[] {
  return lines.map((text) => text.replace(/^(\s*):(?=:)/, "$1\\u{3a}").replaceAll("##[", "#\\u{23}["));
}

/** Without its middle, because names differ at their ends, where the length is. */
function cutInside(text: string, limit: number): string {
  const characters = [...text];
  if (characters.length <= limit) return text;
  const end = Math.min(12, Math.floor(limit / 2));
  return [...characters.slice(0, limit - 1 - end), "…", ...characters.slice(-end)].join("");
}
