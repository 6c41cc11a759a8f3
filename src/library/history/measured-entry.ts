import { FailureError, printable } from "../../core/errors.ts";
import type { HistoryCell, StoredEntry } from "../../history/entry.ts";
import { isName, MOST_NAME } from "../../history/schema.ts";
import { median } from "../../stats/median.ts";
import { medianInterval } from "../../stats/median-interval.ts";

/** What a file says was measured, of which commit not yet decided. */
export interface MeasuredEntry
  extends Pick<StoredEntry, "measured" | "source" | "class" | "place" | "cells"> {
  /** As messages call it: the file, and which part of it. */
  readonly where: string;
  /** Of a gate; undefined if there are no sides. */
  readonly side?: "base" | "head" | undefined;
  /** As the file has it; null if it does not know. */
  readonly commit: string | null;
  readonly dirty: boolean | null;
}

/** The median of a cell's rounds, or blocks, and the ends of its 95 % interval if they are enough. */
export function cellOfTimes(times: readonly number[]): HistoryCell {
  const interval = medianInterval(times);
  const median_s = median(times);
  return interval === null ? { median_s } : { median_s, low_s: interval.low, high_s: interval.high };
}

/** When something was measured, in UTC. */
export function measuredAt(where: string, started: string): string {
  const time = Date.parse(started);
  const text = Number.isNaN(time) ? "" : new Date(time).toISOString();
  if (/^\d{4}-/.test(text)) return text;
  throw new FailureError(
    `history: ${where}: must say when it began, such as 2026-07-01T12:00:00Z, got ${printable(started, 40)}; measure it again`,
  );
}

/** Refuses an entry of nothing, and names that no history holds. */
export function refuseUnfitCells(where: string, cells: MeasuredEntry["cells"]): void {
  if (cells.size === 0) {
    throw new FailureError(`history: ${where}: must hold a measured cell, got none; measure it again`);
  }
  for (const name of cells.keys()) {
    if (isName(name)) continue;
    throw new FailureError(
      `history: ${where}: the name of a cell must have at most ${MOST_NAME} characters, and none that controls a terminal, got ${printable(name, 80)}; give its input another name`,
    );
  }
}
