import type { Intervals } from "../core/pattern.ts";
import type { ScheduleWriter, Steps } from "./schedule-writer.ts";

/** What one group of query rows attends in one pass, in the pass's own numbering of keys. */
export interface GroupKeys {
  /** Keys that every row attends. */
  readonly full: Intervals;
  /** Keys that some row may attend. */
  readonly partial: Intervals;
  /** What one row attends, counted within the group. */
  row(row: number): Intervals;
  /** The tokens that keys `from … to-1` of the pass's numbering stand for. */
  tokens(from: number, to: number): Steps;
}

/** Writes one group of rows as tasks: full ranges whole, the rest in tiles of at most `keysPerTile` keys with masks. */
export function writeGroup(
  writer: ScheduleWriter,
  queries: Steps,
  { full, partial, row, tokens }: GroupKeys,
  keysPerTile: number,
): void {
  writer.rows(queries, (add) => {
    for (let at = 0; at < full.length; at += 2) add(tokens(full[at], full[at + 1]), null);
    if (partial.length === 0) return;
    const ofRow: Intervals[] = [];
    for (let index = 0; index < queries.count; index++) ofRow.push(row(index));
    for (let at = 0; at < partial.length; at += 2) {
      for (let from = partial[at]; from < partial[at + 1]; from += keysPerTile) {
        const to = Math.min(from + keysPerTile, partial[at + 1]);
        const { mask } = writer;
        mask.fill(ofRow, from, to);
        const all = ofRow.length * (to - from);
        if (mask.attended > 0) add(tokens(from, to), mask.attended === all ? null : mask);
      }
    }
  });
}
