import { type BoundPattern, rowsOf } from "../core/pattern.ts";
import { cutRows } from "./cut-rows.ts";
import { writeGroup } from "./group-tiles.ts";
import { KnownTiles } from "./known-tiles.ts";
import type { TileSizes } from "./schedule.ts";
import type { ScheduleWriter } from "./schedule-writer.ts";

/** The contiguous part of a pattern, rows and keys in natural order. */
export function naturalPass(pattern: BoundPattern, tile: TileSizes, writer: ScheduleWriter): void {
  const keys = {
    rows: rowsOf(pattern),
    open: (from: number, to: number) => pattern.someRuns(from, to),
    full: (from: number, to: number) => pattern.everyRuns(from, to),
  };
  const known = new KnownTiles(pattern);
  for (const { from, to, full, partial } of cutRows(keys, tile.queries)) {
    const group = {
      full,
      partial,
      known,
      row: (row: number) => pattern.runs(from + row),
      tokens: (start: number, end: number) => ({ start, step: 1, count: end - start }),
    };
    writeGroup(writer, { start: from, step: 1, count: to - from }, group, tile);
  }
}
