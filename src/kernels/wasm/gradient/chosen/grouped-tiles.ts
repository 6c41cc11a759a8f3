import { PANEL_KEYS, TILE } from "../../layout.ts";
import { holeWords, type RowState, spanWord, type TileRoom, type TileWriter } from "./tile-writer.ts";

/** Entries `from … to-1` of a list. */
interface Part {
  readonly from: number;
  readonly to: number;
}

/** Rows and the keys that they attend, if nothing hides them. */
export interface Group {
  readonly rows: Part;
  readonly keys: Part;
}

/** Writes rows against keys, at most so many rows together: each tile has a mask, whose bits the module finds in the call. */
export function writeGroup(
  writer: TileWriter,
  rows: Part & { readonly list: number },
  keys: Part & { readonly list: number },
  together: number,
  state: RowState,
): void {
  for (let row = rows.from; row < rows.to; row += together) {
    const count = Math.min(together, rows.to - row);
    const open = writer.open({ list: rows.list, first: row, count }, state);
    for (const { first, low, high } of tilesOf(keys)) {
      const mask = writer.holes(count, high);
      writer.masks.fill(spanWord(low, high), mask, mask + count);
      open.masked({ list: keys.list, first, count: high }, mask, true);
    }
    open.close();
  }
}

/** Tiles that begin with a panel, and which of their columns are keys. */
function tilesOf({ from, to }: Part): { first: number; low: number; high: number }[] {
  const tiles: { first: number; low: number; high: number }[] = [];
  for (let first = from - (from % PANEL_KEYS.wide); first < to; first += TILE.columns) {
    tiles.push({ first, low: Math.max(0, from - first), high: Math.min(TILE.columns, to - first) });
  }
  return tiles;
}

/** What groups take, gone through so many times. */
export function groupRoom(
  groups: readonly Group[],
  together: number,
  times: number,
): Omit<TileRoom, "ranges"> {
  let [tasks, masks, opened] = [0, 0, 0];
  for (const { rows, keys } of groups) {
    const count = rows.to - rows.from;
    const parts = Math.ceil(count / together);
    opened += parts;
    for (const { high } of tilesOf(keys)) {
      tasks += parts;
      masks += count * (1 + holeWords(high));
    }
  }
  return { tasks: tasks * times, entries: 0, masks: masks * times, groups: opened * times };
}
