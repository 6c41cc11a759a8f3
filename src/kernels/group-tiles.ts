import type { Intervals } from "../core/pattern.ts";
import type { KnownTiles, TileContent } from "./known-tiles.ts";
import type { ScheduleWriter, Steps } from "./schedule-writer.ts";

/** What one group of query rows attends in one pass, in the pass's own numbering of keys. */
export interface GroupKeys {
  /** Keys that every row attends. */
  readonly full: Intervals;
  /** Keys that some row may attend. */
  readonly partial: Intervals;
  /** What one row attends, counted within the group. */
  row(row: number): Intervals;
  /** Tiles seen before, if rows and keys are in natural order. */
  readonly known?: KnownTiles;
  /** The tokens that keys `from … to-1` of the pass's numbering stand for. */
  tokens(from: number, to: number): Steps;
}

/**
 * Writes one group of rows as tasks: full ranges whole, the rest in tiles of at most `keysPerTile` keys with
 * masks.
 */
export function writeGroup(
  writer: ScheduleWriter,
  queries: Steps,
  { full, partial, row, tokens, known }: GroupKeys,
  keysPerTile: number,
): void {
  let rows: Intervals[] | undefined;
  const look = (from: number, to: number): TileContent => {
    rows ??= Array.from({ length: queries.count }, (_, index) => row(index));
    const { mask } = writer;
    mask.fill(rows, from, to);
    if (mask.attended === 0) return "empty";
    return mask.attended === queries.count * (to - from) ? "full" : writer.store(mask);
  };
  writer.rows(queries, (add) => {
    for (let at = 0; at < full.length; at += 2) add(tokens(full[at], full[at + 1]), null);
    for (let at = 0; at < partial.length; at += 2) {
      for (let from = partial[at]; from < partial[at + 1]; from += keysPerTile) {
        const to = Math.min(from + keysPerTile, partial[at + 1]);
        const content = known === undefined ? look(from, to) : remembered(known, queries, from, to, look);
        if (content !== "empty") add(tokens(from, to), content === "full" ? null : content);
      }
    }
  });
}

function remembered(
  known: KnownTiles,
  { start, count }: Steps,
  keyFrom: number,
  keyTo: number,
  look: (from: number, to: number) => TileContent,
): TileContent {
  const area = { rowFrom: start, rowTo: start + count, keyFrom, keyTo };
  let content = known.find(area);
  if (content === undefined) {
    content = look(keyFrom, keyTo);
    known.add(area, content);
  }
  return content;
}
