import type { BoundPattern } from "../core/pattern.ts";
import { measure, subtract } from "../pattern/intervals.ts";
import { writeGroup } from "./group-tiles.ts";
import type { TileSizes } from "./schedule.ts";
import type { ScheduleWriter } from "./schedule-writer.ts";
import { splitRows } from "./split-rows.ts";

/** The contiguous part of a pattern, rows and keys in natural order. */
export function naturalPass(pattern: BoundPattern, tile: TileSizes, writer: ScheduleWriter): void {
  const width = (from: number, to: number): number => measure(pattern.someRuns(from, to));
  for (const [from, to] of splitRows(0, pattern.length, tile.queries, width)) {
    const full = pattern.everyRuns(from, to);
    const group = {
      full,
      partial: subtract(pattern.someRuns(from, to), full),
      rows: () => Array.from({ length: to - from }, (_, row) => pattern.runs(from + row)),
      tokens: (start: number, end: number) => ({ start, step: 1, count: end - start }),
    };
    writeGroup(writer, { start: from, step: 1, count: to - from }, group, tile.keys);
  }
}
