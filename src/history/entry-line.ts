import { createHash } from "node:crypto";
import type { HistoryCell, StoredEntry } from "./entry.ts";
import { type EntryLine, HISTORY_SCHEMA_VERSION } from "./schema.ts";

/** Significant digits of a time: a hundredth of what any machine repeats. */
const DIGITS = 5;

/** The line that says what the file is. */
export const HEAD_LINE = `${JSON.stringify({ type: "history", schema: HISTORY_SCHEMA_VERSION })}\n`;

/** An entry with its id, and its times as the file keeps them: rounded, by name. */
export function storedEntry(entry: Omit<StoredEntry, "id">): StoredEntry {
  const sorted = [...entry.cells].sort(([a], [b]) => (a < b ? -1 : 1));
  const rounded = { ...entry, cells: new Map(sorted.map(([name, cell]) => [name, roundedCell(cell)])) };
  return { id: idOf(rounded), ...rounded };
}

/** The content id of an entry: the same content has the same, whoever added it and in whatever order it is written. */
export function idOf(entry: Omit<StoredEntry, "id">): string {
  return createHash("sha256")
    .update(canonical(fieldsOf(entry)))
    .digest("hex")
    .slice(0, 16);
}

/** The line that an entry is in the file, with its newline. The same entry is always the same line. */
export function lineOf(entry: StoredEntry): string {
  return `${canonical({ type: "entry", id: entry.id, ...fieldsOf(entry) }, ORDER)}\n`;
}

/** The entry that a line holds. */
export function entryOf({ type: _, cells, ...fields }: EntryLine): StoredEntry {
  return { ...fields, cells: new Map(Object.entries(cells).map(([name, times]) => [name, cellOf(times)])) };
}

/** The order of a line's fields, for people: what it is before what it holds. */
const ORDER = ["type", "id", "commit", "committed", "measured", "source", "dirty", "class", "place", "cells"];

function fieldsOf(entry: Omit<StoredEntry, "id">): Omit<EntryLine, "type" | "id"> {
  const { commit, committed, measured, source, dirty, class: ofSweep, place, cells } = entry;
  const times = [...cells].map(([name, cell]) => [name, timesOf(cell)] as const);
  return {
    commit,
    committed,
    measured,
    source,
    ...(dirty && { dirty }),
    ...(ofSweep !== undefined && { class: ofSweep }),
    place: place as EntryLine["place"],
    cells: Object.fromEntries(times),
  };
}

function timesOf({ median_s, low_s, high_s }: HistoryCell): [number] | [number, number, number] {
  return low_s === undefined || high_s === undefined ? [median_s] : [median_s, low_s, high_s];
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

/** JSON whose objects have their names in order, which is that of `first` and then that of the names. */
function canonical(value: unknown, first: readonly string[] = []): string {
  if (Array.isArray(value)) return `[${value.map((one) => canonical(one)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const rank = (name: string) => (first.includes(name) ? first.indexOf(name) : first.length);
  const held = Object.entries(value).filter(([, inner]) => inner !== undefined);
  held.sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return `{${held.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join(",")}}`;
}
