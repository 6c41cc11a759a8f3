import { type BoundPattern, rowsOf } from "../core/pattern.ts";
import { subtract } from "../pattern/intervals.ts";
import type { ClassKeys } from "./class-keys.ts";
import { cutRows } from "./cut-rows.ts";
import { writeGroup } from "./group-tiles.ts";
import { KnownTiles } from "./known-tiles.ts";
import { IN_ORDER, type TileSizes } from "./schedule.ts";
import type { ScheduleWriter } from "./schedule-writer.ts";

/** The contiguous part of a pattern without what is done in classes, rows and keys in natural order. */
export function naturalPass(
  pattern: BoundPattern,
  done: ClassKeys | null,
  tile: TileSizes,
  writer: ScheduleWriter,
): void {
  const keys = {
    rows: rowsOf(pattern),
    open(from: number, to: number) {
      const some = pattern.someRuns(from, to);
      return done === null ? some : subtract(some, done.ofEvery(from, to));
    },
    full(from: number, to: number) {
      const every = pattern.everyRuns(from, to);
      return done === null ? every : subtract(every, done.ofSome(from, to));
    },
    row: (row: number) =>
      done === null ? pattern.runs(row) : subtract(pattern.runs(row), done.ofEvery(row, row + 1)),
  };
  // Classes need not repeat where the pattern does.
  const known = done === null ? new KnownTiles(pattern) : undefined;
  for (const { from, to, full, partial } of cutRows(keys, tile.queries, tile.rows)) {
    const group = { full, partial, known, list: IN_ORDER, row: (row: number) => keys.row(from + row) };
    writeGroup(writer, { first: from, list: IN_ORDER, count: to - from }, group, tile);
  }
}
