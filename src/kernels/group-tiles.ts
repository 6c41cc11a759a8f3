import { type Intervals, measure } from "../core/pattern.ts";
import { RANGE_COST } from "./cut-rows.ts";
import type { KnownTiles, TileContent } from "./known-tiles.ts";
import type { TileSizes } from "./schedule.ts";
import type { Entries, ScheduleWriter } from "./schedule-writer.ts";

/** What one group of query rows attends in one pass, in the pass's own numbering of keys. */
export interface GroupKeys {
  /** Keys that every row attends. */
  readonly full: Intervals;
  /** Keys that some row may attend. */
  readonly partial: Intervals;
  /** What one row attends, counted within the group. */
  row(row: number): Intervals;
  /** Tiles seen before, if rows and keys are in natural order. */
  readonly known?: KnownTiles | undefined;
  /** The list by which the pass numbers keys. */
  readonly list: number;
}

/**
 * Writes one group of rows as tasks: full ranges whole, the rest in tiles with masks; or all in one such tile
 * if that is less work.
 */
export function writeGroup(
  writer: ScheduleWriter,
  queries: Entries,
  { full: whole, partial: rest, row, list, known }: GroupKeys,
  tile: TileSizes,
): void {
  const together = oneTile(whole, rest, tile);
  const full = together === null ? whole : [];
  const partial = together ?? rest;
  let rows: Intervals[] | undefined;
  const look = (from: number, to: number): TileContent => {
    rows ??= Array.from({ length: queries.count }, (_, index) => row(index));
    const { mask } = writer;
    mask.fill(rows, from, to);
    if (mask.attended === 0) return "empty";
    return mask.attended === queries.count * (to - from) ? "full" : writer.store(mask);
  };
  writer.rows(queries, list, (add) => {
    for (let at = 0; at < full.length; at += 2) {
      add({ first: full[at], list, count: full[at + 1] - full[at] }, null);
    }
    for (let at = 0; at < partial.length; at += 2) {
      for (let from = partial[at], to = from; from < partial[at + 1]; from = to) {
        to = Math.min(from + mostKeys(from, tile), partial[at + 1]);
        const content = known === undefined ? look(from, to) : remembered(known, queries, from, to, look);
        const keys = { first: from, list, count: to - from };
        if (content !== "empty") add(keys, content === "full" ? null : content);
      }
    }
  });
}

/** Keys of a tile with a mask that begins at this key. */
export function mostKeys(from: number, { keys, panel = 1 }: TileSizes): number {
  return keys - (from % panel);
}

/** Fewer ranges are left as they are: full ones need no mask. */
const LEAST_RANGES = 3;

/**
 * All keys from the first to the last if they fit into one tile, and those between them that nobody attends
 * cost less than the tiles that are saved; null otherwise, and where no tile needs a mask.
 */
function oneTile(full: Intervals, partial: Intervals, tile: TileSizes): Intervals | null {
  const ranges = (full.length + partial.length) / 2;
  if (partial.length === 0 || ranges < LEAST_RANGES) return null;
  const from = Math.min(partial[0], full[0] ?? Number.POSITIVE_INFINITY);
  const to = Math.max(partial[partial.length - 1], full[full.length - 1] ?? 0);
  const cost = measure(full) + measure(partial) + RANGE_COST * (ranges - 1);
  return to - from <= Math.min(cost, mostKeys(from, tile)) ? [from, to] : null;
}

function remembered(
  known: KnownTiles,
  { first, count }: Entries,
  keyFrom: number,
  keyTo: number,
  look: (from: number, to: number) => TileContent,
): TileContent {
  const area = { rowFrom: first, rowTo: first + count, keyFrom, keyTo };
  let content = known.find(area);
  if (content === undefined) {
    content = look(keyFrom, keyTo);
    known.add(area, content);
  }
  return content;
}
