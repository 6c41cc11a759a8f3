import type { Comparison } from "../../compare/comparison.ts";
import { countText } from "../../text/count-text.ts";
import { cutName } from "../../text/cut-text.ts";
import { shortName } from "../../text/labels.ts";
import { type Column, textColumns, widthOf } from "../../text/text-columns.ts";
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
import {
  differenceTable,
  groupTable,
  oneSidedTable,
  type SideTable,
  sideText,
  workTable,
} from "./side-tables.ts";
import { byWeight, verdictCounts } from "./verdicts.ts";

/**
 * A comparison for the terminal: the outcome, one row per cell with the weightiest first, what else has
 * changed, and what to know before believing it. Nothing is omitted. Lines of the tables are at most `width`
 * characters long if that leaves room for a name and a number.
 */
export function comparisonTable(comparison: Comparison, width = 100): string {
  const { headline, reasons, base, head, remarks } = comparison;
  const cells = byWeight(namedCells(comparison.cells));
  const blocks = [
    [line(headline), ...reasons.map((reason) => `  ${line(reason)}`)],
    [`base: ${sideText(base)}`, `head: ${sideText(head)}`],
    [verdictCounts(comparison), ...(cells.length === 0 ? [] : cellLines(cells, comparison, width))],
    meanTable(cells, width),
    sharedNotes(cells).map(({ note, names }) => `${line(note)}: ${names.join(", ")}`),
    meanLines(comparison),
    columnLines(groupTable(comparison), width),
    columnLines(workTable(comparison), width),
    proseLines(oneSidedTable(comparison), ([name, side, why]) => `${name}: only in ${side}: ${why}`),
    proseLines(differenceTable(comparison), ([field, before, after]) => `${field}: ${before} → ${after}`),
    remarks.map((remark) => `note: ${line(remark)}`),
  ];
  return quiet(blocks.flatMap((lines) => (lines.length === 0 ? [] : ["", ...lines])).slice(1)).join("\n");
}

function cellLines(cells: readonly NamedCell[], { kind }: Comparison, width: number): readonly string[] {
  const texts = cells.map((cell) => cellTexts(cell, kind));
  const columns = CELL_COLUMNS.map((head) => ({ head, cells: texts.map((text) => text[head]) }));
  // Names may take a third of the width: the rest is for numbers.
  const limit = Math.max(12, Math.floor(width / 3));
  const variant = { head: "variant", cells: cells.map((one) => cutName(one.variant, limit)) };
  const place = [
    { head: "length", cells: cells.map(({ length }) => length) },
    { head: "kernel", cells: cells.map(({ kernel }) => cutName(kernel, limit)) },
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

function meanLines({ geometricMean, cells, margin }: Comparison): readonly string[] {
  if (geometricMean === null) return [];
  const change = meanChange(geometricMean, margin);
  return [
    `geometric mean of ${countText(cells.length, "cell")}: ${change} (${intervalText(geometricMean)}); ` +
      `less than ${shareText(margin)} is never called a change`,
  ];
}

function columnLines({ title, heads, rows }: SideTable, width: number): readonly string[] {
  if (rows.length === 0) return [];
  const limit = Math.max(12, Math.floor(width / 3));
  const [first, ...others]: readonly Column[] = heads.map((head, column) => ({
    head,
    cells: rows.map((row) => cutName(row[column], limit)),
  }));
  return [title.toLowerCase(), ...textColumns(first, others, width)];
}

function proseLines({ title, rows }: SideTable, text: (row: readonly string[]) => string): readonly string[] {
  if (rows.length === 0) return [];
  return [title.toLowerCase(), ...rows.map((row) => `  ${text(row.map((cell) => line(cell)))}`)];
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
