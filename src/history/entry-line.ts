import { createHash } from "node:crypto";
import type { HistoryCell, StoredEntry } from "./entry.ts";
import { type EntryLine, HISTORY_SCHEMA_VERSION } from "./schema.ts";

/** Significant digits of a time: a hundredth of what any machine repeats. */
const DIGITS = 5;

/** The line that says what the file is. */
export const HEAD_LINE = `${JSON.stringify({ type: "history", schema: HISTORY_SCHEMA_VERSION })}\n`;

/** An entry with its id, and its times as the file keeps them: rounded, by name. */
export function storedEntry(entry: Omit<StoredEntry, "id">): StoredEntry {
  const sorted = [...entry.cells].sort(byName);
  const rounded = { ...entry, cells: new Map(sorted.map(([name, cell]) => [name, roundedCell(cell)])) };
  return { ...rounded, id: idOf(rounded) };
}

/** The content id of an entry: the same content has the same, whoever added it and in whatever order it is written. */
export function idOf(entry: Omit<StoredEntry, "id">): string {
  return createHash("sha256").update(contentOf(entry)).digest("hex").slice(0, 16);
}

/** The line that an entry is in the file, with its newline. The same entry is always the same line. */
export function lineOf(entry: StoredEntry): string {
  return `{"type":"entry","id":"${entry.id}",${contentOf(entry)}}\n`;
}

/** The entry that a line holds. */
export function entryOf({ type: _, cells, ...fields }: EntryLine): StoredEntry {
  const held = new Map<string, HistoryCell>();
  for (const name of Object.keys(cells)) held.set(name, cellOf(cells[name]));
  return { ...fields, cells: held };
}

/** All fields but the id, as JSON without the braces around it: in a fixed order, what it is before what it holds. */
function contentOf(entry: Omit<StoredEntry, "id">): string {
  const { commit, committed, measured, source, dirty, class: ofSweep, place, cells } = entry;
  const fields = { commit, committed, measured, source, dirty, class: ofSweep };
  return `${JSON.stringify(fields).slice(1, -1)},"place":${canonicalJson(place)},"cells":{${cellsText(cells)}}`;
}

/** Written by hand: these are millions in a history of years. */
function cellsText(cells: StoredEntry["cells"]): string {
  return sortedCells(cells)
    .map(([name, { median_s, low_s, high_s }]) => {
      const interval = low_s === undefined || high_s === undefined ? "" : `,${low_s},${high_s}`;
      return `${JSON.stringify(name)}:[${median_s}${interval}]`;
    })
    .join(",");
}

/** By name, as they mostly are already. */
function sortedCells(cells: StoredEntry["cells"]): readonly (readonly [string, HistoryCell])[] {
  const list = [...cells];
  return list.every(([name], at) => at === 0 || list[at - 1][0] < name) ? list : list.sort(byName);
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function cellOf([median_s, low_s, high_s]: readonly number[]): HistoryCell {
  return low_s === undefined ? { median_s } : { median_s, low_s, high_s };
}

function roundedCell({ median_s, low_s, high_s }: HistoryCell): HistoryCell {
  const median = rounded(median_s);
  if (low_s === undefined || high_s === undefined) return { median_s: median };
  return { median_s: median, low_s: rounded(low_s), high_s: rounded(high_s) };
}

function rounded(seconds: number): number {
  return Number(seconds.toPrecision(DIGITS));
}

/** JSON whose objects have their names in order. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const held = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return `{${held
    .sort(byName)
    .map(([name, inner]) => `${JSON.stringify(name)}:${canonicalJson(inner)}`)
    .join(",")}}`;
}
