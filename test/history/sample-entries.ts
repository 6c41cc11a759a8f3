import { createHash } from "node:crypto";
import { type Place, placeOf } from "../../src/compare/place.ts";
import type { Accepted } from "../../src/history/accepted.ts";
import type { StoredEntry } from "../../src/history/entry.ts";
import { HEAD_LINE, lineOf, storedEntry } from "../../src/history/entry-line.ts";
import { sampleLines } from "../record/sample-lines.ts";

/** A hash that a commit of this number could have. */
export function commitHash(index: number): string {
  return createHash("sha1").update(`commit ${index}`).digest("hex");
}

/** The day of a number, as commits and measurements have it. */
export function dayOf(index: number): string {
  return new Date(Date.UTC(2026, 0, 1 + index)).toISOString().replace(".000Z", "Z");
}

export function samplePlace(changes: Partial<Place> = {}): Place {
  return { ...placeOf(sampleLines()[0].environment), ...changes };
}

/** An entry that never was, of the commit of this number. */
export function sampleEntry(
  index: number,
  changes: Partial<Omit<StoredEntry, "id" | "cells">> & {
    readonly cells?: Readonly<Record<string, number>>;
  } = {},
): StoredEntry {
  const { cells = { "full/js/b1h1n64d8": 1e-3, "local/js/b1h1n64d8": 2e-4 }, ...fields } = changes;
  return storedEntry({
    commit: commitHash(index),
    committed: dayOf(index),
    measured: dayOf(index + 1),
    source: "run",
    place: samplePlace(),
    ...fields,
    cells: new Map(Object.entries(cells).map(([name, median_s]) => [name, { median_s }])),
  });
}

/** That a change was accepted, on the day of this number. */
export function sampleAccepted(index: number, changes: Partial<Accepted> = {}): Accepted {
  return { commit: commitHash(index), why: `it's "known" ${index}`, accepted: dayOf(index), ...changes };
}

/** A file that holds these entries. */
export function historyText(entries: readonly StoredEntry[]): string {
  return HEAD_LINE + entries.map(lineOf).join("");
}
